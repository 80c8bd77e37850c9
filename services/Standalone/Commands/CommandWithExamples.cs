using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace FaceCloud.Standalone.Commands;

/// <summary>A command whose <c>--help</c> ends with what there is to know and what one would type.</summary>
/// <param name="name">As it is typed.</param>
/// <param name="description">A sentence, for the list of commands, too.</param>
/// <param name="details">Further sentences.</param>
/// <param name="examples">Whole command lines.</param>
internal sealed class CommandWithExamples(string name, string description, string details, params string[] examples) : Command(name, description)
{
    private string Details { get; } = details;

    private IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Makes the help of a root and all below it show examples.</summary>
    public static void ShowIn(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Help((SynchronousCommandLineAction)help.Action!);
    }

    private sealed class Help(SynchronousCommandLineAction withoutExamples) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var result = withoutExamples.Invoke(parseResult);
            if (parseResult.CommandResult.Command is CommandWithExamples command)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine(command.Details);
                output.WriteLine();
                output.WriteLine("Examples:");
                foreach (var example in command.Examples)
                {
                    output.WriteLine($"  {example}");
                }

                output.WriteLine();
            }

            else if (parseResult.CommandResult.Command is RootCommand)
            {
                parseResult.InvocationConfiguration.Output.WriteLine("'facecloud import --help' says more about import, and so on.");
            }

            return result;
        }
    }
}
