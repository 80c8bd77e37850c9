namespace FaceCloud.Imaging.Tests;

public sealed class RgbImageTests
{
    [Fact]
    public void Its_pixels_are_three_bytes_each_without_gaps()
    {
        using var image = new RgbImage(7, 5);

        Assert.Equal((105, 21), (image.Pixels.Length, image.Stride));
    }

    [Fact]
    public void A_disposed_image_has_no_pixels_and_may_be_disposed_again()
    {
        var image = new RgbImage(2, 2);
        image.Dispose();
        image.Dispose();

        Assert.Throws<ObjectDisposedException>(() => image.Pixels.Length);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, -1)]
    [InlineData(30_000, 30_000)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void Impossible_sizes_are_refused(int width, int height)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(width, height));
    }
}
