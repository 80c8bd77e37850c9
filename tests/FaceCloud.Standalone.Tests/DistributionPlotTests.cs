using System.Xml.Linq;
using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

public sealed class DistributionPlotTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_plot_is_well_formed_and_shows_both_curves_and_each_threshold()
    {
        var pairs = PairComparison.Of(Synthetic.People(people: 150, photos: 2));
        var curve = FalseMatchCurve.Of(pairs);

        var plot = DistributionPlot.Draw("a <recogniser> & more", pairs, curve);

        var root = XDocument.Parse(plot).Root!;
        Assert.Equal(Svg + "svg", root.Name);
        Assert.Equal(2, root.Elements(Svg + "polygon").Count());
        Assert.Equal(6, root.Elements(Svg + "line").Count());
        Assert.Equal(curve.Points.Count(point => !point.IsMeasured), root.Elements(Svg + "line").Count(line => line.Attribute("stroke-dasharray") is not null));
        Assert.Contains(root.Elements(Svg + "text"), text => text.Value.StartsWith("a <recogniser> & more", StringComparison.Ordinal));
        Assert.Equal(plot, DistributionPlot.Draw("a <recogniser> & more", pairs, curve));
    }
}
