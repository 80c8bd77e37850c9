namespace FaceCloud.Imaging;

/// <summary>A rectangle of whole pixels inside an image.</summary>
internal readonly record struct PixelRegion(int X, int Y, int Width, int Height);
