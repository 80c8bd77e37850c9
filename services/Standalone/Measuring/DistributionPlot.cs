using System.Globalization;
using System.Security;
using System.Text;

namespace FaceCloud.Standalone.Measuring;

/// <summary>Both distributions of cosines as an SVG image, with the thresholds; the same measurements give the same bytes.</summary>
internal static class DistributionPlot
{
    private const double Width = 900, Height = 460, Left = 60, Right = 20, Top = 76, Bottom = 56;

    // Cosines shown, and the width of the steps the curves are drawn in.
    private const double Lowest = -0.4, Highest = 1, Step = 0.01;

    private const string ImpostorColour = "#c2410c", GenuineColour = "#1d4ed8";

    public static string Draw(string recogniser, PairComparison pairs, FalseMatchCurve curve)
    {
        var (impostor, genuine) = (Density(pairs.Impostor), Density(pairs.Genuine));
        var peak = Math.Max(impostor.Max(), genuine.Max());
        var svg = new StringBuilder();
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">""");
        Line($"""<rect width="{Width}" height="{Height}" fill="white"/>""");
        Line($"""<text x="{Left}" y="24" font-size="16">{SecurityElement.Escape(recogniser)}: cosines of pairs of photos</text>""");
        Legend(Left, ImpostorColour, $"different people: {pairs.Impostor.Total:N0} pairs");
        Legend(Left + 300, GenuineColour, $"one person: {pairs.Genuine.Total:N0} pairs");
        Area(impostor, ImpostorColour);
        Area(genuine, GenuineColour);
        Axes();
        foreach (var (point, i) in curve.Points.Select((point, i) => (point, i)))
        {
            // Thresholds stand close together; their labels take turns in height.
            var (x, y) = (X(point.Cosine), Top + 10 + (14 * (i % 3)));
            var dashes = point.IsMeasured ? "" : " stroke-dasharray=\"4 3\"";
            Line($"""<line x1="{x:F1}" y1="{y + 3:F1}" x2="{x:F1}" y2="{Height - Bottom}" stroke="#444"{dashes}/>""");
            Line($"""<text x="{x:F1}" y="{y:F1}" text-anchor="middle" font-size="10">{point.Name}</text>""");
        }

        Line($"""<text x="{Width - Right}" y="48" text-anchor="end">lines: thresholds by false-match rate; dashed: extrapolated</text>""");
        Line($"</svg>");
        return svg.ToString();

        void Line(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        void Legend(double x, string colour, FormattableString text)
        {
            Line($"""<rect x="{x}" y="38" width="12" height="12" fill="{colour}" fill-opacity="0.5"/>""");
            Line($"""<text x="{x + 18}" y="48">{text.ToString(CultureInfo.InvariantCulture)}</text>""");
        }

        void Area(double[] density, string colour)
        {
            var curve = string.Join(' ', density.Select((value, i) => FormattableString.Invariant($"{X(Lowest + ((i + 0.5) * Step)):F1},{Y(value):F1}")));
            Line($"""<polygon points="{X(Lowest):F1},{Y(0):F1} {curve} {X(Highest):F1},{Y(0):F1}" fill="{colour}" fill-opacity="0.35" stroke="{colour}"/>""");
        }

        void Axes()
        {
            Line($"""<path d="M{Left} {Top} V{Height - Bottom} H{Width - Right}" fill="none" stroke="black"/>""");
            for (var tick = -4; tick <= 10; tick += 2)
            {
                Line($"""<text x="{X(tick / 10.0):F1}" y="{Height - Bottom + 18}" text-anchor="middle">{tick / 10.0:F1}</text>""");
            }

            Line($"""<text x="{(Left + Width - Right) / 2}" y="{Height - 12}" text-anchor="middle">cosine</text>""");
            Line($"""<text transform="translate(24 {(Top + Height - Bottom) / 2}) rotate(-90)" text-anchor="middle">share of pairs</text>""");
        }

        double Y(double density) => Height - Bottom - (density / peak * (Height - Top - Bottom - 50));
    }

    private static double X(double cosine) => Left + ((Math.Clamp(cosine, Lowest, Highest) - Lowest) / (Highest - Lowest) * (Width - Left - Right));

    /// <summary>The share of the pairs in each step of the plot; what lies beyond its ends counts to them.</summary>
    private static double[] Density(CosineHistogram histogram)
    {
        var density = new double[(int)Math.Round((Highest - Lowest) / Step)];
        for (var step = 0; step < histogram.Steps; step++)
        {
            density[Math.Clamp((int)((histogram.Cosine(step) - Lowest) / Step), 0, density.Length - 1)] += histogram[step] / (double)histogram.Total;
        }

        return density;
    }
}
