namespace FaceCloud.Contracts.Frames;

/// <summary>What arrived is no frame, or only part of one, or one of another version.</summary>
public sealed class DamagedFrameException(string message, Exception? inner = null) : Exception(message, inner);
