namespace FaceCloud.Contracts.Faces;

/// <summary>A point in pixels of the EXIF-corrected image.</summary>
public readonly record struct FacePoint(float X, float Y);

/// <summary>The five points of a face, left and right as the viewer sees them.</summary>
public readonly record struct Landmarks(FacePoint LeftEye, FacePoint RightEye, FacePoint Nose, FacePoint MouthLeft, FacePoint MouthRight)
{
    /// <summary>The points in the order every network here uses: left eye, right eye, nose, mouth left, mouth right.</summary>
    public FacePoint[] ToArray() => [LeftEye, RightEye, Nose, MouthLeft, MouthRight];

    /// <summary>The landmarks from five points in that order.</summary>
    public static Landmarks From(ReadOnlySpan<FacePoint> points) => new(points[0], points[1], points[2], points[3], points[4]);
}
