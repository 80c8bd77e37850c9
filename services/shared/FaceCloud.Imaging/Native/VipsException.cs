namespace FaceCloud.Imaging.Native;

/// <summary>A call of libvips failed; the message is the library's own and meant for a log.</summary>
internal sealed class VipsException(string message) : Exception(message);
