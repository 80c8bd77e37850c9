using FaceCloud.Contracts.Faces;

namespace FaceCloud.Imaging.Tests;

public sealed class PortraitCutterTests
{
    // Half the face's height is around it on each side, as far as the image reaches, and the longer side is 320 at most.
    [Theory]
    [InlineData(1000, 800, 1, 400, 300, 60, 80, 140, 160)]
    [InlineData(1000, 800, 1, 400, 200, 300, 400, 280, 320)]
    [InlineData(1000, 800, 1, 0, 0, 60, 80, 100, 120)]
    [InlineData(100, 100, 1, 0, 0, 100, 100, 100, 100)]
    [InlineData(2000, 1600, 2, 400, 300, 30, 40, 70, 80)]
    public void The_box_tells_where_in_the_portrait_the_face_is(
        int width, int height, int shrunk, int x, int y, int faceWidth, int faceHeight, int portraitWidth, int portraitHeight)
    {
        // The face is red, all else is blue.
        var face = new FaceBox(x, y, faceWidth, faceHeight);
        using var image = new DecodedImage(
            Picture.Fill(width / shrunk, height / shrunk, (column, row) =>
                IsIn(face, (column + 0.5f) * shrunk, (row + 0.5f) * shrunk)
                    ? ((byte)255, (byte)0, (byte)0)
                    : ((byte)0, (byte)0, (byte)255)),
            width, height);

        var portrait = PortraitCutter.Cut(image, face);

        using var decoded = ImageDecoder.Decode(portrait.Jpeg, 0, new ImagingOptions());
        Assert.Equal((portraitWidth, portraitHeight), (decoded.Width, decoded.Height));
        Assert.Equal((float)faceWidth / faceHeight, portrait.Box.Width / portrait.Box.Height, 0.02);
        for (var row = 0; row < decoded.Height; row++)
        {
            for (var column = 0; column < decoded.Width; column++)
            {
                if (IsClear(portrait.Box, column, row))
                {
                    var (red, _, blue) = Picture.At(decoded.Pixels, column, row);
                    Assert.Equal(IsIn(portrait.Box, column + 0.5f, row + 0.5f), red > blue);
                }
            }
        }
    }

    private static bool IsIn(FaceBox box, float x, float y) => x > box.X && x < box.Right && y > box.Y && y < box.Bottom;

    // Edges are blurred by a pixel or two where the size changes.
    private static bool IsClear(FaceBox box, int column, int row) =>
        new[] { column - box.X, column - box.Right, row - box.Y, row - box.Bottom }.All(distance => Math.Abs(distance) > 3);
}
