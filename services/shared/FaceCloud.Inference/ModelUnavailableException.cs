namespace FaceCloud.Inference;

/// <summary>A network cannot be used as things are set up. The message says why and what to set; it can be printed as it is.</summary>
public sealed class ModelUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
