using FaceCloud.Contracts.Faces;
using FaceCloud.Inference;

namespace FaceCloud.Detection.Networks;

/// <summary>
/// InsightFace gender-age, version 1: 202 values; the first two are the logits of female and male, then 100 pairs, each of which adds a year
/// if its second is the greater.
/// </summary>
internal static class GenderAge
{
    private const int Outputs = 202;

    /// <param name="network">Of the family gender-age.</param>
    /// <param name="chip">Cut out as its entry says.</param>
    public static FaceAttributes Read(Network network, FaceChip chip)
    {
        using var outputs = FaceInput.Run(network, chip.Rgb.Span, chip.Shape.Side);
        var values = outputs[0];
        if (values.Length != Outputs)
        {
            throw new NotSupportedException(
                $"{network.Description.Name} gives {values.Length} values, not {Outputs}; it is of another shape than this code reads.");
        }

        var years = 0;
        for (var pair = 2; pair < Outputs; pair += 2)
        {
            years += values[pair + 1] > values[pair] ? 1 : 0;
        }

        var male = 1 / (1 + MathF.Exp(values[0] - values[1]));
        return male >= 0.5f ? new FaceAttributes(years, Gender.Male, male) : new FaceAttributes(years, Gender.Female, 1 - male);
    }
}
