namespace FaceCloud.Standalone.Commands;

/// <summary>A command cannot be carried out, for a reason that its caller can change. The message can be printed as it is.</summary>
internal sealed class CommandException(string message, Exception? inner = null) : Exception(message, inner);
