namespace FaceCloud.Imaging.Tests;

public sealed class ResamplerTests
{
    [Theory]
    [InlineData(200, 150, 100, 75)]
    [InlineData(201, 149, 67, 50)]
    [InlineData(640, 480, 639, 479)]
    [InlineData(33, 21, 7, 20)]
    [InlineData(40, 30, 100, 75)]
    [InlineData(5, 4, 3, 2)]
    [InlineData(1, 1, 9, 4)]
    [InlineData(64, 64, 1, 1)]
    [InlineData(31, 17, 31, 17)]
    [InlineData(31, 17, 31, 5)]
    public void It_agrees_with_the_definition_of_the_filter(int width, int height, int newWidth, int newHeight)
    {
        using var source = Picture.Noise(width, height, seed: width);

        using var resized = Resampler.Resize(source, newWidth, newHeight);

        using var expected = ByDefinition(source, newWidth, newHeight);
        Picture.AssertClose(expected, resized, mean: 0.05, worst: 1);
    }

    [Fact]
    public void Fine_stripes_become_grey_instead_of_coarse_stripes()
    {
        // Columns alternate between black and white; every third one taken alone would still be stripes.
        using var stripes = Picture.Fill(300, 300, (x, _) => x % 2 == 0 ? ((byte)0, (byte)0, (byte)0) : ((byte)255, (byte)255, (byte)255));

        using var resized = Resampler.Resize(stripes, 100, 100);

        for (var x = 2; x < 98; x++)
        {
            Assert.InRange(Picture.At(resized, x, 50).Red, 110, 145);
        }
    }

    [Fact]
    public void A_plain_colour_stays_what_it_is()
    {
        using var plain = Picture.Plain(97, 61, 255, 0, 77);

        foreach (var (width, height) in ((int, int)[])[(31, 20), (96, 60), (200, 122), (97, 61)])
        {
            using var resized = Resampler.Resize(plain, width, height);
            using var expected = Picture.Plain(width, height, 255, 0, 77);
            Picture.AssertClose(expected, resized, mean: 0, worst: 0);
        }
    }

    [Fact]
    public void A_part_is_resized_as_if_it_were_all()
    {
        using var source = Picture.Noise(90, 70, seed: 9);
        using var part = Picture.Fill(40, 30, (x, y) => Picture.At(source, x + 11, y + 23));
        using var expected = Resampler.Resize(part, 17, 13);
        using var resized = new RgbImage(17, 13);

        Resampler.Resize(source, new PixelRegion(11, 23, 40, 30), resized);

        Picture.AssertClose(expected, resized, mean: 0, worst: 0);
    }

    private static RgbImage ByDefinition(RgbImage source, int width, int height)
    {
        double[] Weights(int position, int from, int to)
        {
            var scale = (double)from / to;
            var reach = Math.Max(1, scale);
            var weights = Enumerable.Range(0, from).Select(i => Math.Max(0, 1 - Math.Abs(i + 0.5 - (position + 0.5) * scale) / reach)).ToArray();
            return [.. weights.Select(weight => weight / weights.Sum())];
        }

        var columns = Enumerable.Range(0, width).Select(x => Weights(x, source.Width, width)).ToArray();
        var rows = Enumerable.Range(0, height).Select(y => Weights(y, source.Height, height)).ToArray();
        return Picture.Fill(width, height, (x, y) =>
        {
            double red = 0, green = 0, blue = 0;
            for (var v = 0; v < source.Height; v++)
            {
                for (var u = 0; rows[y][v] > 0 && u < source.Width; u++)
                {
                    var weight = rows[y][v] * columns[x][u];
                    if (weight > 0)
                    {
                        var pixel = Picture.At(source, u, v);
                        (red, green, blue) = (red + weight * pixel.Red, green + weight * pixel.Green, blue + weight * pixel.Blue);
                    }
                }
            }

            return ((byte)(red + 0.5), (byte)(green + 0.5), (byte)(blue + 0.5));
        });
    }
}
