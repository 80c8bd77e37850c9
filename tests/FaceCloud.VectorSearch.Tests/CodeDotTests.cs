using System.Runtime.Intrinsics.X86;
using FaceCloud.VectorSearch.Embedded;

namespace FaceCloud.VectorSearch.Tests;

public class CodeDotTests
{
    public static TheoryData<int> Lengths => [64, 128, 512, 1024, 4096];

    [Theory, MemberData(nameof(Lengths))]
    public void The_portable_path_equals_the_scalar_one(int length) => Equal(length, CodeDot.OnePortable);

    [Theory, MemberData(nameof(Lengths))]
    public void The_chosen_path_equals_the_scalar_one(int length)
    {
        Equal(length, CodeDot.One);
        FourEqual(length, CodeDot.Four);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void The_avx2_path_equals_the_scalar_one(int length)
    {
        Assert.SkipUnless(Avx2.IsSupported, "This processor has no AVX2.");
        Equal(length, CodeDot.OneAvx2);
        FourEqual(length, CodeDot.FourAvx2);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void The_avx512_path_equals_the_scalar_one(int length)
    {
        Assert.SkipUnless(Avx512BW.IsSupported, "This processor has no AVX-512BW.");
        Equal(length, CodeDot.OneAvx512);
        FourEqual(length, CodeDot.FourAvx512);
    }

    private delegate int One(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe);

    private delegate (int A, int B, int C, int D) Four(
        ReadOnlySpan<sbyte> row, ReadOnlySpan<short> a, ReadOnlySpan<short> b, ReadOnlySpan<short> c, ReadOnlySpan<short> d);

    private static void Equal(int length, One one)
    {
        foreach (var (row, probe) in Inputs(length))
        {
            Assert.Equal(CodeDot.OneScalar(row, probe), one(row, probe));
        }
    }

    private static void FourEqual(int length, Four four)
    {
        foreach (var (row, a) in Inputs(length))
        {
            short[] b = [.. a.Reverse()], c = [.. a.Select(value => (short)-value)], d = [.. a.Select(value => (short)(value / 3))];
            Assert.Equal(
                (CodeDot.OneScalar(row, a), CodeDot.OneScalar(row, b), CodeDot.OneScalar(row, c), CodeDot.OneScalar(row, d)),
                four(row, a, b, c, d));
        }
    }

    // Random codes, and the extremes, where an overflow would show.
    private static IEnumerable<(sbyte[] Row, short[] Probe)> Inputs(int length)
    {
        var max = Math.Min(short.MaxValue, int.MaxValue / (Quantiser.Max * length));
        var random = new Random(length);
        for (var i = 0; i < 20; i++)
        {
            yield return (
                [.. Enumerable.Range(0, length).Select(_ => (sbyte)random.Next(-Quantiser.Max, Quantiser.Max + 1))],
                [.. Enumerable.Range(0, length).Select(_ => (short)random.Next(-max, max + 1))]);
        }

        foreach (var sign in new[] { 1, -1 })
        {
            yield return ([.. Enumerable.Repeat((sbyte)Quantiser.Max, length)], [.. Enumerable.Repeat((short)(sign * max), length)]);
        }
    }
}
