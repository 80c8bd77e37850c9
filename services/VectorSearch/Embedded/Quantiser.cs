namespace FaceCloud.VectorSearch.Embedded;

/// <summary>Rounds vectors to 8-bit codes and says how much that lost.</summary>
internal static class Quantiser
{
    /// <summary>Codes lie in -127 to 127.</summary>
    public const int Max = 127;

    /// <summary>Fills the codes; those behind the vector stay 0.</summary>
    /// <returns>The scale (vector is about codes times scale) and an upper bound of the L2 norm of the difference.</returns>
    public static (float Scale, float Residual) Quantise(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        var largest = 0f;
        foreach (var value in vector)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        var scale = largest / Max;
        var squares = 0.0;
        for (var i = 0; i < vector.Length; i++)
        {
            // Double, so that the residual is that of exactly these codes and this scale.
            var code = Math.Clamp(Math.Round(vector[i] / (double)scale), -Max, Max);
            codes[i] = (sbyte)code;
            var difference = vector[i] - code * scale;
            squares += difference * difference;
        }

        return (scale, MathF.BitIncrement((float)Math.Sqrt(squares)));
    }
}
