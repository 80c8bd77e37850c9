using System.Numerics;
using FaceCloud.Contracts.Faces;
using FaceCloud.Imaging;

namespace FaceCloud.Quality.Measuring;

/// <summary>
/// Where a head is turned, from its five landmarks: the scaled orthographic view of an average head that comes closest to them (DeMenthon and Davis,
/// "Model-based object pose in 25 lines of code", IJCV 15, 1995, without its iteration, which needs the camera's focal length).
/// </summary>
/// <remarks>Heads differ: a long nose looks like one that points up or aside. Good for telling a profile from a portrait, not for degrees.</remarks>
internal static class HeadPose
{
    // The front view is the template that faces are aligned to, a mean of many. What stands how far out of the plane of the eyes, in parts of the
    // distance of their outer corners (450), is that of the head model usual with OpenCV's solvePnP: nose 135, mouth 10. In the template's pixels
    // that distance is 1.48 times that of the pupils (93 to 63 mm).
    private const float EyeCorners = 1.48f * 35.24f;
    private const float NoseDepth = EyeCorners * 135 / 450;
    private const float MouthDepth = EyeCorners * 10 / 450;

    /// <summary>Eyes, nose and mouth of the average head about their middle: x to the right, y down, z towards the camera; in pixels of the template.</summary>
    internal static readonly Vector3[] Head = Centred(
        FaceAligner.ArcFaceTemplate.ToArray().Zip([0, 0, NoseDepth, MouthDepth, MouthDepth], (point, depth) => new Vector3(point.X, point.Y, depth)));

    private static readonly Matrix4x4 InverseSpread = Invert(Head);

    /// <returns>Null where the points are no face: all in one place, or in a line.</returns>
    public static FacePose? Of(Landmarks landmarks)
    {
        // With both sets centred, the rows of the view are least-squares solutions of their own.
        var points = landmarks.ToArray();
        var (meanX, meanY) = (points.Average(point => point.X), points.Average(point => point.Y));
        var (across, down) = (Vector3.Zero, Vector3.Zero);
        for (var i = 0; i < points.Length; i++)
        {
            across += Head[i] * (points[i].X - meanX);
            down += Head[i] * (points[i].Y - meanY);
        }

        (across, down) = (Vector3.TransformNormal(across, InverseSpread), Vector3.TransformNormal(down, InverseSpread));
        var (x, y) = (Vector3.Normalize(across), Vector3.Normalize(down));

        // The nearest right angle between them.
        var skew = Vector3.Dot(x, y) / 2;
        (x, y) = (Vector3.Normalize(x - (skew * y)), Vector3.Normalize(y - (skew * x)));
        var z = Vector3.Cross(x, y);

        // Turned by the yaw, nodded by the pitch, then tilted in the image by the roll, which leaves z as it is.
        var yaw = MathF.Atan2(-z.X, z.Z);
        var pitch = MathF.Asin(Math.Clamp(z.Y, -1, 1));
        var roll = MathF.Atan2(-x.Y, y.Y);
        return float.IsFinite(yaw + pitch + roll) ? new FacePose(Degrees(yaw), Degrees(pitch), Degrees(roll)) : null;
    }

    private static float Degrees(float radians) => MathF.Round(radians * 180 / MathF.PI, 1);

    private static Vector3[] Centred(IEnumerable<Vector3> points)
    {
        Vector3[] all = [.. points];
        var mean = all.Aggregate((a, b) => a + b) / all.Length;
        return [.. all.Select(point => point - mean)];
    }

    private static Matrix4x4 Invert(Vector3[] points)
    {
        var spread = new Matrix4x4 { M44 = 1 };
        foreach (var p in points)
        {
            spread.M11 += p.X * p.X;
            spread.M12 += p.X * p.Y;
            spread.M13 += p.X * p.Z;
            spread.M22 += p.Y * p.Y;
            spread.M23 += p.Y * p.Z;
            spread.M33 += p.Z * p.Z;
        }

        (spread.M21, spread.M31, spread.M32) = (spread.M12, spread.M13, spread.M23);
        return Matrix4x4.Invert(spread, out var inverse) ? inverse : throw new InvalidOperationException("The head is flat.");
    }
}
