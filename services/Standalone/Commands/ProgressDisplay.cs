using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FaceCloud.Standalone.Commands;

/// <summary>Shows progress on standard error, so that standard output holds results only: a bar on a terminal, a line now and then elsewhere.</summary>
internal static class ProgressDisplay
{
    public static async Task ShowAsync(string what, ProgressCount count, Func<Task> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected || !console.Profile.Capabilities.Ansi || !console.Profile.Capabilities.Interactive)
        {
            var lines = new Lines(what, count);
            count.Changed = lines.Changed;
            await work();
            return;
        }

        await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new CountColumn(count))
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(what), maxValue: 1);
                count.Changed = () => bar.Value = count.Share;
                await work();
            });
    }

    private sealed class CountColumn(ProgressCount count) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(count.Text);
    }

    /// <summary>A line for each twentieth, and after ten seconds without one.</summary>
    private sealed class Lines(string what, ProgressCount count)
    {
        private const int Steps = 20;
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

        private readonly Lock _lock = new();
        private int _step;
        private long _written = Stopwatch.GetTimestamp();

        public void Changed()
        {
            lock (_lock)
            {
                var step = (int)(count.Share * Steps);
                if (step > _step || Stopwatch.GetElapsedTime(_written) > Interval)
                {
                    (_step, _written) = (step, Stopwatch.GetTimestamp());
                    Console.Error.WriteLine($"{what}: {count.Text}");
                }
            }
        }
    }
}
