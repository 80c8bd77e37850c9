namespace FaceCloud.Standalone.Measuring;

/// <summary>
/// How many cosines fall into each of many equal steps from -1 to 1. With the 2^20 steps by default a threshold is known to 0.000002, which is
/// about what a cosine of 32-bit floats is worth, and the number of cosines at or above each step is exact, in 8 MB however many there are.
/// </summary>
internal sealed class CosineHistogram(int steps = 1 << 20)
{
    private readonly long[] _counts = new long[steps];

    public int Steps => steps;

    public long Total { get; private set; }

    /// <summary>The cosines of one step.</summary>
    public long this[int step] => _counts[step];

    /// <summary>The lowest cosine of a step; of the one after the last, 1.</summary>
    public double Cosine(int step) => (2.0 * step / steps) - 1;

    public void Add(float cosine)
    {
        _counts[Math.Clamp((int)((cosine + 1.0) * steps / 2), 0, steps - 1)]++;
        Total++;
    }

    public void Add(CosineHistogram other)
    {
        for (var step = 0; step < steps; step++)
        {
            _counts[step] += other._counts[step];
        }

        Total += other.Total;
    }

    /// <summary>How many cosines are at least as high; exact at the lower end of a step, such as <see cref="Threshold"/> returns.</summary>
    public long AtOrAbove(double cosine)
    {
        long above = 0;
        for (var step = steps - 1; step >= 0 && Cosine(step) >= cosine; step--)
        {
            above += _counts[step];
        }

        return above;
    }

    /// <summary>The lowest threshold that no more than this share of the cosines reaches.</summary>
    public double Threshold(double share)
    {
        // Rounded first: 1e-4 times ten thousand is one, not a little less.
        var allowed = (long)Math.Floor(Math.Round(share * Total, 6));
        var step = steps;
        for (long above = 0; step > 0 && above + _counts[step - 1] <= allowed; step--)
        {
            above += _counts[step - 1];
        }

        return Cosine(step);
    }
}
