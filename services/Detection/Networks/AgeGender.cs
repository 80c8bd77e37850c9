using FaceCloud.Contracts.Faces;
using FaceCloud.Inference;

namespace FaceCloud.Detection.Networks;

/// <summary>face-api's age_gender: years, and the logits of male and female.</summary>
internal static class AgeGender
{
    private const float OldestAge = 120;

    /// <param name="network">Of the family age_gender.</param>
    /// <param name="chip">Cut out as its entry says.</param>
    public static FaceAttributes Read(Network network, FaceChip chip)
    {
        using var outputs = FaceInput.Run(network, chip.Rgb.Span, chip.Shape.Side);
        var age = outputs[0];
        var gender = outputs[1];
        if (age.Length != 1 || gender.Length != 2)
        {
            throw new NotSupportedException(
                $"{network.Description.Name} gives {age.Length} and {gender.Length} values, not 1 and 2; it is of another shape than this code reads.");
        }

        var years = Math.Clamp(age[0], 0, OldestAge);
        var male = 1 / (1 + MathF.Exp(gender[1] - gender[0]));
        return male >= 0.5f ? new FaceAttributes(years, Gender.Male, male) : new FaceAttributes(years, Gender.Female, 1 - male);
    }
}
