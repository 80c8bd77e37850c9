using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace FaceCloud.Inference.OpenPack;

/// <summary>
/// How faceres' description of a face (1024 values, length 1) becomes shorter and tells people better: its mean over many faces is taken away, and
/// of the rest, again of length 1, the 384 components in which faces differ most are kept. The strongest of them say less of who it is than of light
/// and pose: each is divided by its variance to the power of 0.3. <c>facecloud models fuse</c> computes it.
/// </summary>
internal sealed class FusionBasis
{
    public const int DescriptorLength = 128;
    public const int DescriptionLength = 1024;
    public const int Components = 384;

    private const string Resource = "open_512.basis";

    // Chosen by how well people are told who were not among those the components are of: docs/decisions/open-pack.md.
    private const double Flattening = 0.3;

    // A rotation smaller than this changes nothing that half precision shows.
    private const double Precision = 1e-8;

    private static readonly Lazy<FusionBasis> FromAssembly = new(() =>
    {
        using var stream = typeof(FusionBasis).Assembly.GetManifestResourceStream(Resource)!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return Read(content.ToArray());
    });

    private readonly float[] _components;

    private FusionBasis(float[] mean, float[] components) => (Mean, _components) = (mean, components);

    /// <summary>The one that is part of the program.</summary>
    public static FusionBasis Embedded => FromAssembly.Value;

    /// <summary>The mean description.</summary>
    public float[] Mean { get; }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static FusionBasis Read(ReadOnlySpan<byte> bytes)
    {
        var values = MemoryMarshal.Cast<byte, Half>(bytes);
        return values.Length == DescriptionLength * (1 + Components)
            ? new FusionBasis(Floats(values[..DescriptionLength]), Floats(values[DescriptionLength..]))
            : throw new InvalidDataException($"A basis of {bytes.Length} bytes is none.");

        static float[] Floats(ReadOnlySpan<Half> halves) => Array.ConvertAll(halves.ToArray(), value => (float)value);
    }

    /// <summary>The basis of some descriptions; the same descriptions give the same basis.</summary>
    /// <param name="descriptions">Vectors of length 1, more than <see cref="Components"/> of them.</param>
    public static FusionBasis Of(IReadOnlyList<float[]> descriptions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(descriptions.Count, Components);
        var mean = new float[DescriptionLength];
        foreach (var description in descriptions)
        {
            TensorPrimitives.Add(mean, description, mean);
        }

        TensorPrimitives.Divide(mean, descriptions.Count, mean);
        var rounded = Read(new FusionBasis(mean, new float[DescriptionLength * Components]).ToBytes()).Mean;
        var products = new double[DescriptionLength][];
        for (var row = 0; row < DescriptionLength; row++)
        {
            products[row] = new double[DescriptionLength];
        }

        foreach (var description in descriptions)
        {
            var centred = Array.ConvertAll(Centred(description, rounded), value => (double)value);
            for (var row = 0; row < DescriptionLength; row++)
            {
                TensorPrimitives.MultiplyAdd(centred, centred[row], products[row], products[row]);
            }
        }

        return new FusionBasis(mean, Flattened(PrincipalDirections(products)));
    }

    /// <summary>Mean and components, one after the other, in half precision, little-endian.</summary>
    public byte[] ToBytes()
    {
        Half[] values = [.. Mean.Concat(_components).Select(value => (Half)value)];
        return MemoryMarshal.AsBytes<Half>(values).ToArray();
    }

    /// <summary>The matrix a row of values is multiplied with, [1024, 384].</summary>
    public float[] ByInput()
    {
        var turned = new float[_components.Length];
        for (var component = 0; component < Components; component++)
        {
            for (var i = 0; i < DescriptionLength; i++)
            {
                turned[(i * Components) + component] = _components[(component * DescriptionLength) + i];
            }
        }

        return turned;
    }

    /// <summary>The components of a description, together of length 1.</summary>
    public float[] Apply(float[] description)
    {
        var centred = Centred(description, Mean);
        var components = new float[Components];
        for (var i = 0; i < Components; i++)
        {
            components[i] = TensorPrimitives.Dot<float>(centred, _components.AsSpan(i * DescriptionLength, DescriptionLength));
        }

        TensorPrimitives.Divide(components, TensorPrimitives.Norm<float>(components), components);
        return components;
    }

    /// <summary>A description without the mean, of length 1.</summary>
    private static float[] Centred(float[] description, float[] mean)
    {
        var centred = new float[description.Length];
        TensorPrimitives.Subtract(description, mean, centred);
        TensorPrimitives.Divide(centred, TensorPrimitives.Norm<float>(centred), centred);
        return centred;
    }

    /// <summary>
    /// Eigenvectors of a symmetric matrix, the greatest eigenvalue first: pairs of rows are turned until all are at right angles (Hestenes' one-sided
    /// Jacobi method). A row is then an eigenvector times its eigenvalue.
    /// </summary>
    private static IEnumerable<double[]> PrincipalDirections(double[][] rows)
    {
        var (spareA, spareB) = (new double[DescriptionLength], new double[DescriptionLength]);
        for (var turned = true; turned;)
        {
            turned = false;
            for (var p = 0; p < rows.Length; p++)
            {
                for (var q = p + 1; q < rows.Length; q++)
                {
                    if (Turn(rows[p], rows[q]) is var (cosine, sine))
                    {
                        // [a b] becomes [cosine a - sine b, sine a + cosine b].
                        turned = true;
                        Combine(rows[p], cosine, rows[q], -sine, spareA);
                        Combine(rows[p], sine, rows[q], cosine, spareB);
                        (rows[p], spareA) = (spareA, rows[p]);
                        (rows[q], spareB) = (spareB, rows[q]);
                    }
                }
            }
        }

        return rows.OrderByDescending(row => TensorPrimitives.Norm<double>(row));
    }

    /// <summary>The first components, the strongest with length 1 and others the longer the weaker they are.</summary>
    private static float[] Flattened(IEnumerable<double[]> directions)
    {
        var components = new List<float>(DescriptionLength * Components);
        double? strongest = null;
        foreach (var direction in directions.Take(Components))
        {
            var variance = TensorPrimitives.Norm<double>(direction);
            strongest ??= variance;

            // Either sign is an eigenvector; the same one is taken always.
            var length = variance * Math.Sign(direction[TensorPrimitives.IndexOfMaxMagnitude<double>(direction)]);
            var factor = Math.Pow(variance / strongest.Value, -Flattening) / length;
            components.AddRange(direction.Select(value => (float)(value * factor)));
        }

        return [.. components];
    }

    /// <summary>The turn that brings two rows to right angles; null if they are.</summary>
    private static (double Cosine, double Sine)? Turn(double[] a, double[] b)
    {
        var (aa, bb, ab) = (TensorPrimitives.SumOfSquares<double>(a), TensorPrimitives.SumOfSquares<double>(b), TensorPrimitives.Dot<double>(a, b));
        if (Math.Abs(ab) <= Precision * Math.Sqrt(aa * bb) || aa * bb == 0)
        {
            return null;
        }

        var zeta = (bb - aa) / (2 * ab);
        var tangent = Math.CopySign(1, zeta) / (Math.Abs(zeta) + Math.Sqrt(1 + (zeta * zeta)));
        var cosine = 1 / Math.Sqrt(1 + (tangent * tangent));
        return (cosine, cosine * tangent);
    }

    private static void Combine(double[] a, double factorA, double[] b, double factorB, double[] sum)
    {
        TensorPrimitives.Multiply(a, factorA, sum);
        TensorPrimitives.MultiplyAdd(b, factorB, sum, sum);
    }
}
