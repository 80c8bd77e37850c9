using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace FaceCloud.Standalone.Tests.OpenApi;

/// <summary>What the comments in the code say of types and their fields, as Markdown.</summary>
internal sealed partial class XmlDocs
{
    private readonly Dictionary<string, XElement> _members = Directory.EnumerateFiles(AppContext.BaseDirectory, "*.xml")
        .Where(path => Path.GetFileName(path).StartsWith("FaceCloud.", StringComparison.OrdinalIgnoreCase))
        .SelectMany(path => XDocument.Load(path).Descendants("member"))
        .GroupBy(member => (string)member.Attribute("name")!).ToDictionary(group => group.Key, group => group.First());

    /// <summary>Null where there is none.</summary>
    public string? Summary(Type type) => Text(Of(type)?.Element("summary"));

    /// <summary>Of a record's property; null where there is none.</summary>
    public string? Property(Type record, string name) =>
        Text(Of(record)?.Elements("param").FirstOrDefault(param => (string?)param.Attribute("name") == name));

    private XElement? Of(Type type) => _members.GetValueOrDefault("T:" + type.FullName!.Replace('+', '.'));

    private static string? Text(XElement? element) => element is null ? null : Space().Replace(string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => $"`{((string?)see.Attribute("cref") ?? "").Split('.', ':')[^1]}`",
        XElement code => $"`{code.Value}`",
        _ => "",
    })), " ").Trim() is { Length: > 0 } sentence ? sentence : null;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
