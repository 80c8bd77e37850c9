using System.Numerics;
using FaceCloud.Contracts.Faces;
using FaceCloud.Imaging;
using FaceCloud.Quality.Measuring;

namespace FaceCloud.Quality.Tests;

/// <summary>Where a head is turned.</summary>
public sealed class PoseTests
{
    [Fact]
    public void The_average_face_looks_into_the_camera() => Assert.Equal(new FacePose(0, 0, 0), HeadPose.Of(FaceAligner.ArcFaceTemplate));

    [Theory]
    [InlineData(0, 0, 30)]
    [InlineData(0, 0, -60)]
    [InlineData(40, 0, 0)]
    [InlineData(-40, 0, 0)]
    [InlineData(0, 20, 0)]
    [InlineData(0, -20, 0)]
    [InlineData(25, -15, 10)]
    public void A_head_that_is_turned_and_seen_from_afar_is_measured_as_it_was_turned(float yaw, float pitch, float roll)
    {
        var pose = HeadPose.Of(View(yaw, pitch, roll))!;
        Assert.Equal(yaw, pose.Yaw, 0.2f);
        Assert.Equal(pitch, pose.Pitch, 0.2f);
        Assert.Equal(roll, pose.Roll, 0.2f);
    }

    [Fact]
    public void Points_in_one_place_show_no_pose() => Assert.Null(HeadPose.Of(default));

    /// <summary>
    /// The average head, turned to the right of the image, raised, and tilted clockwise, by a camera far away; then somewhere in a larger image.
    /// </summary>
    private static Landmarks View(float yaw, float pitch, float roll)
    {
        // x to the right, y down, z towards the camera.
        var nod = MathF.PI / 180 * pitch;
        var turn = MathF.PI / 180 * yaw;
        var tilt = MathF.PI / 180 * roll;
        return Landmarks.From([.. HeadPose.Head.Select(point =>
        {
            var turned = new Vector3(
                (point.X * MathF.Cos(turn)) + (point.Z * MathF.Sin(turn)),
                point.Y,
                (point.Z * MathF.Cos(turn)) - (point.X * MathF.Sin(turn)));
            var raised = new Vector2(turned.X, (turned.Y * MathF.Cos(nod)) - (turned.Z * MathF.Sin(nod)));
            var tilted = new Vector2((raised.X * MathF.Cos(tilt)) - (raised.Y * MathF.Sin(tilt)), (raised.X * MathF.Sin(tilt)) + (raised.Y * MathF.Cos(tilt)));
            return new FacePoint((3 * tilted.X) + 500, (3 * tilted.Y) + 200);
        })]);
    }
}
