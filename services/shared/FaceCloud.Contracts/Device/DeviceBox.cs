using FaceCloud.Contracts.Faces;

namespace FaceCloud.Contracts.Device;

/// <summary>A box as the device dialect writes it: <c>[x, y, width, height]</c> in pixels of the EXIF-corrected image.</summary>
public static class DeviceBox
{
    // Beyond any image; keeps float arithmetic exact to the pixel.
    private const double MaxCoordinate = 1 << 20;

    public static int[] Of(FaceBox box)
    {
        var (x, y, width, height) = box.ToPixels();
        return [x, y, width, height];
    }

    /// <summary>The box of a request, or null if it names none.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: not four numbers, no area, or far outside any image.</exception>
    public static FaceBox? Parse(double[]? values) => values switch
    {
        null => null,
        [var x, var y, > 0 and <= MaxCoordinate and var width, > 0 and <= MaxCoordinate and var height]
            when Math.Abs(x) <= MaxCoordinate && Math.Abs(y) <= MaxCoordinate => new FaceBox((float)x, (float)y, (float)width, (float)height),
        _ => throw new FailureException(Failure.Malformed, "The field 'bbox' must be [x, y, width, height] in pixels with a positive width and height."),
    };
}
