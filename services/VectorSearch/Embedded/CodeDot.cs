using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// Dot products of 8-bit rows with 16-bit probes, all of the same length, a multiple of 64. pmaddwd (multiply 16-bit pairs, add to 32 bit)
/// is the widest integer multiplication that .NET offers on every x64 processor: the VNNI forms need AVX-VNNI, which Zen 4 lacks.
/// Benchmarks: <c>tests/FaceCloud.Benchmarks/IndexSearch.cs</c>.
/// </summary>
internal static class CodeDot
{
    /// <summary>Dot product of a row and a probe.</summary>
    public static int One(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe) =>
        Avx512BW.IsSupported ? OneAvx512(row, probe)
        : Avx2.IsSupported ? OneAvx2(row, probe)
        : OnePortable(row, probe);

    /// <summary>Dot products of a row and four probes: the row is read and widened once.</summary>
    public static (int A, int B, int C, int D) Four(
        ReadOnlySpan<sbyte> row, ReadOnlySpan<short> a, ReadOnlySpan<short> b, ReadOnlySpan<short> c, ReadOnlySpan<short> d) =>
        Avx512BW.IsSupported ? FourAvx512(row, a, b, c, d)
        : Avx2.IsSupported ? FourAvx2(row, a, b, c, d)
        : (OnePortable(row, a), OnePortable(row, b), OnePortable(row, c), OnePortable(row, d));

    /// <summary>What the others must equal.</summary>
    public static int OneScalar(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe)
    {
        var sum = 0;
        for (var i = 0; i < row.Length; i++)
        {
            sum += row[i] * probe[i];
        }

        return sum;
    }

    public static int OnePortable(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe)
    {
        var sum = Vector<int>.Zero;
        for (var i = 0; i < row.Length; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(row[i..]), out var low, out var high);
            sum += Products(low, new Vector<short>(probe[i..])) + Products(high, new Vector<short>(probe[(i + Vector<short>.Count)..]));
        }

        return Vector.Sum(sum);

        static Vector<int> Products(Vector<short> x, Vector<short> y)
        {
            Vector.Widen(x, out var x0, out var x1);
            Vector.Widen(y, out var y0, out var y1);
            return x0 * y0 + x1 * y1;
        }
    }

    public static int OneAvx2(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe)
    {
        ref var x = ref MemoryMarshal.GetReference(row);
        ref var p = ref MemoryMarshal.GetReference(probe);
        var sum = Vector256<int>.Zero;
        for (nuint i = 0; i < (nuint)row.Length; i += 16)
        {
            var wide = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref x, i));
            sum += Avx2.MultiplyAddAdjacent(wide, Vector256.LoadUnsafe(ref p, i));
        }

        return Vector256.Sum(sum);
    }

    public static (int A, int B, int C, int D) FourAvx2(
        ReadOnlySpan<sbyte> row, ReadOnlySpan<short> a, ReadOnlySpan<short> b, ReadOnlySpan<short> c, ReadOnlySpan<short> d)
    {
        ref var x = ref MemoryMarshal.GetReference(row);
        ref var pa = ref MemoryMarshal.GetReference(a);
        ref var pb = ref MemoryMarshal.GetReference(b);
        ref var pc = ref MemoryMarshal.GetReference(c);
        ref var pd = ref MemoryMarshal.GetReference(d);
        var (sumA, sumB, sumC, sumD) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
        for (nuint i = 0; i < (nuint)row.Length; i += 16)
        {
            var wide = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref x, i));
            sumA += Avx2.MultiplyAddAdjacent(wide, Vector256.LoadUnsafe(ref pa, i));
            sumB += Avx2.MultiplyAddAdjacent(wide, Vector256.LoadUnsafe(ref pb, i));
            sumC += Avx2.MultiplyAddAdjacent(wide, Vector256.LoadUnsafe(ref pc, i));
            sumD += Avx2.MultiplyAddAdjacent(wide, Vector256.LoadUnsafe(ref pd, i));
        }

        return (Vector256.Sum(sumA), Vector256.Sum(sumB), Vector256.Sum(sumC), Vector256.Sum(sumD));
    }

    public static int OneAvx512(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe)
    {
        ref var x = ref MemoryMarshal.GetReference(row);
        ref var p = ref MemoryMarshal.GetReference(probe);
        var (even, odd) = (Vector512<int>.Zero, Vector512<int>.Zero);
        for (nuint i = 0; i < (nuint)row.Length; i += 64)
        {
            even += Products(ref x, ref p, i);
            odd += Products(ref x, ref p, i + 32);
        }

        return Vector512.Sum(even + odd);

        static Vector512<int> Products(ref sbyte x, ref short p, nuint i) =>
            Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref x, i)), Vector512.LoadUnsafe(ref p, i));
    }

    public static (int A, int B, int C, int D) FourAvx512(
        ReadOnlySpan<sbyte> row, ReadOnlySpan<short> a, ReadOnlySpan<short> b, ReadOnlySpan<short> c, ReadOnlySpan<short> d)
    {
        ref var x = ref MemoryMarshal.GetReference(row);
        ref var pa = ref MemoryMarshal.GetReference(a);
        ref var pb = ref MemoryMarshal.GetReference(b);
        ref var pc = ref MemoryMarshal.GetReference(c);
        ref var pd = ref MemoryMarshal.GetReference(d);
        var (sumA, sumB, sumC, sumD) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        for (nuint i = 0; i < (nuint)row.Length; i += 32)
        {
            var wide = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref x, i));
            sumA += Avx512BW.MultiplyAddAdjacent(wide, Vector512.LoadUnsafe(ref pa, i));
            sumB += Avx512BW.MultiplyAddAdjacent(wide, Vector512.LoadUnsafe(ref pb, i));
            sumC += Avx512BW.MultiplyAddAdjacent(wide, Vector512.LoadUnsafe(ref pc, i));
            sumD += Avx512BW.MultiplyAddAdjacent(wide, Vector512.LoadUnsafe(ref pd, i));
        }

        return (Vector512.Sum(sumA), Vector512.Sum(sumB), Vector512.Sum(sumC), Vector512.Sum(sumD));
    }
}
