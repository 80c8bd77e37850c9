namespace FaceCloud.Imaging.Tests;

public sealed class PlanarTensorTests
{
    private static readonly PlanarFormat Format = new(127.5f, 1 / 128f);

    [Theory]
    [InlineData(112, 112, false)]
    [InlineData(37, 5, false)]
    [InlineData(37, 5, true)]
    [InlineData(3, 2, true)]
    public void Each_colour_fills_a_plane(int width, int height, bool blueFirst)
    {
        using var image = Picture.Noise(width, height, seed: 11);
        var planes = new float[3 * width * height];

        PlanarTensor.Pack(image.Pixels, width, height, planes, Format with { BlueFirst = blueFirst });

        for (var i = 0; i < width * height; i++)
        {
            var (red, green, blue) = Picture.At(image, i % width, i / width);
            var (first, last) = blueFirst ? (blue, red) : (red, blue);
            Assert.Equal((first - 127.5f) / 128, planes[i]);
            Assert.Equal((green - 127.5f) / 128, planes[width * height + i]);
            Assert.Equal((last - 127.5f) / 128, planes[2 * width * height + i]);
        }
    }

    [Fact]
    public void A_letterbox_holds_the_image_at_its_top_left_and_padding_elsewhere()
    {
        using var image = Picture.Noise(21, 10, seed: 12);
        var planes = new float[3 * 32 * 16];
        Array.Fill(planes, float.NaN);

        PlanarTensor.Pack(image.Pixels, 21, 10, planes, 32, 16, Format, Format.Black);

        for (var y = 0; y < 16; y++)
        {
            for (var x = 0; x < 32; x++)
            {
                var (red, green, blue) = x < 21 && y < 10 ? Picture.At(image, x, y) : default;
                Assert.Equal((red - 127.5f) / 128, planes[y * 32 + x]);
                Assert.Equal((green - 127.5f) / 128, planes[512 + y * 32 + x]);
                Assert.Equal((blue - 127.5f) / 128, planes[1024 + y * 32 + x]);
            }
        }
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        var rgb = new byte[4 * 4 * 3];

        Assert.ThrowsAny<ArgumentException>(() => PlanarTensor.Pack(rgb, 4, 4, new float[47], Format));
        Assert.ThrowsAny<ArgumentException>(() => PlanarTensor.Pack(rgb, 4, 5, new float[60], Format));
        Assert.ThrowsAny<ArgumentException>(() => PlanarTensor.Pack(rgb, 4, 4, new float[36], 3, 4, Format, 0));
        Assert.ThrowsAny<ArgumentException>(() => PlanarTensor.Pack(rgb, -4, -4, new float[48], Format));
    }
}
