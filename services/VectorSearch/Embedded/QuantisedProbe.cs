namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// A probe in 16-bit codes. Rows are 8-bit and widened for the multiplication anyway, so the finer probe costs nothing and nearly halves
/// the error.
/// </summary>
internal sealed class QuantisedProbe
{
    private readonly double _scale;
    private readonly double _errorPerResidual;
    private readonly double _error;

    public QuantisedProbe(ReadOnlySpan<float> vector)
    {
        Dimension = vector.Length;
        var stride = Layout.Stride(vector.Length);
        Vector = new float[stride];
        vector.CopyTo(Vector);
        Codes = new short[stride];

        // No sum of products of codes, partial sums included, can exceed an int.
        var max = Math.Min(short.MaxValue, int.MaxValue / (Quantiser.Max * stride));
        var largest = 0f;
        foreach (var value in vector)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        _scale = (double)largest / max;
        var (squares, lost) = (0.0, 0.0);
        for (var i = 0; i < vector.Length; i++)
        {
            var code = Math.Clamp(Math.Round(vector[i] / _scale), -max, max);
            Codes[i] = (short)code;
            squares += (double)vector[i] * vector[i];
            lost += (vector[i] - code * _scale) * (vector[i] - code * _scale);
        }

        // Probe q = q' + p and row x = x' + r, where q' and x' are codes times scale:  q.x - q'.x' = q.r + p.x', which by Cauchy and
        // Schwarz is at most |q| |r| + |p| (|x| + |r|). The last term covers rounding the cosine to a float (half a unit of 2^-23).
        var residual = Math.Sqrt(lost);
        _errorPerResidual = Math.Sqrt(squares) + residual;
        _error = residual * (1 + UnitVector.Tolerance) + 1e-6;
    }

    public int Dimension { get; }

    /// <summary>The probe itself, zeros behind it.</summary>
    public float[] Vector { get; }

    public short[] Codes { get; }

    /// <summary>The cosine is within <c>Centre - Error</c> to <c>Centre + Error</c>.</summary>
    /// <param name="dot">Dot product of the codes.</param>
    /// <param name="scale">Scale of the row.</param>
    /// <param name="residual">Residual of the row.</param>
    public (double Centre, double Error) Cosine(int dot, float scale, float residual) =>
        (dot * _scale * scale, _errorPerResidual * residual + _error);
}
