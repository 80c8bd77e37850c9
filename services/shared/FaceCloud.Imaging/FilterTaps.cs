namespace FaceCloud.Imaging;

/// <summary>Which source pixels make each output pixel along one axis, and by how much: a triangle over the source, its weights summing to 1.</summary>
internal sealed class FilterTaps
{
    private readonly int[] firsts;
    private readonly int[] ends;
    private readonly float[] weights;
    private readonly int widest;

    /// <summary>The taps from <paramref name="source"/> pixels to <paramref name="output"/> pixels.</summary>
    public FilterTaps(int source, int output)
    {
        var scale = (double)source / output;
        var reach = Math.Max(scale, 1);
        widest = (int)Math.Ceiling(reach) * 2 + 1;
        firsts = new int[output];
        ends = new int[output];
        weights = new float[output * widest];
        for (var i = 0; i < output; i++)
        {
            Fill(i, (i + 0.5) * scale, reach, source);
        }
    }

    /// <summary>The first source pixel that counts for an output pixel.</summary>
    public int First(int output) => firsts[output];

    /// <summary>The weights of that pixel and of those after it.</summary>
    public ReadOnlySpan<float> Weights(int output) => weights.AsSpan(output * widest, ends[output] - firsts[output]);

    private void Fill(int output, double centre, double reach, int source)
    {
        // Pixels whose centre (at half) lies inside the triangle. The one the centre is in always does, so that the sum is never zero.
        var first = (int)Math.Clamp(Math.Floor(centre - reach + 0.5), 0, source - 1);
        var end = (int)Math.Clamp(Math.Ceiling(centre + reach - 0.5), first + 1, source);
        var sum = 0.0;
        for (var i = first; i < end; i++)
        {
            sum += Weight(i);
        }

        (firsts[output], ends[output]) = (first, end);
        for (var i = first; i < end; i++)
        {
            weights[output * widest + i - first] = (float)(Weight(i) / sum);
        }

        double Weight(int pixel) => Math.Max(0, 1 - Math.Abs(pixel + 0.5 - centre) / reach);
    }
}
