using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using FaceCloud.Testing;

namespace FaceCloud.Architecture.Tests;

/// <summary>A compiled project, read and not loaded.</summary>
internal sealed class CompiledAssembly : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly string _path;

    private CompiledAssembly(Project project)
    {
        // artifacts/bin/<project>/<configuration>/, of the configuration that these tests were built in.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var folder = Path.Combine(TestFiles.Repository, "artifacts", "bin", project.Name, configuration);
        var name = project.Name == "FaceCloud.Standalone" ? "facecloud" : project.Name;
        _path = Path.Combine(folder, name + ".dll");
        _file = new PEReader(File.OpenRead(_path));
        _metadata = _file.GetMetadataReader();
    }

    /// <summary>Types that other assemblies see.</summary>
    public IEnumerable<TypeDefinition> PublicTypes => _metadata.TypeDefinitions.Select(_metadata.GetTypeDefinition)
        .Where(type => (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public);

    /// <summary>Full names of the types of other assemblies that this one mentions.</summary>
    public IEnumerable<string> MentionedTypes => _metadata.TypeReferences.Select(_metadata.GetTypeReference)
        .Select(type => $"{_metadata.GetString(type.Namespace)}.{_metadata.GetString(type.Name)}");

    /// <summary>Every string literal of its code.</summary>
    public IEnumerable<string> Literals
    {
        get
        {
            // The first entry of the heap is the empty string.
            for (var handle = _metadata.GetNextHandle(MetadataTokens.UserStringHandle(0)); !handle.IsNil; handle = _metadata.GetNextHandle(handle))
            {
                yield return _metadata.GetUserString(handle);
            }
        }
    }

    /// <summary>Names of the native libraries of its platform invokes.</summary>
    public IEnumerable<string> NativeModules => Enumerable.Range(1, _metadata.GetTableRowCount(TableIndex.ModuleRef))
        .Select(row => _metadata.GetString(_metadata.GetModuleReference(MetadataTokens.ModuleReferenceHandle(row)).Name));

    public static CompiledAssembly Of(Project project) => new(project);

    public void Dispose() => _file.Dispose();

    public string Name(TypeDefinition type) => _metadata.GetString(type.Name);

    public string FullName(TypeDefinition type) => $"{_metadata.GetString(type.Namespace)}.{_metadata.GetString(type.Name)}";

    public bool IsEnum(TypeDefinition type) =>
        type.BaseType is { Kind: HandleKind.TypeReference } parent
        && _metadata.GetString(_metadata.GetTypeReference((TypeReferenceHandle)parent).Name) == "Enum";

    /// <summary>Properties that configuration can set.</summary>
    public IEnumerable<string> SettableProperties(TypeDefinition type) => type.GetProperties().Select(_metadata.GetPropertyDefinition)
        .Where(property => property.GetAccessors().Setter is { IsNil: false } setter
            && (_metadata.GetMethodDefinition(setter).Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public)
        .Select(property => _metadata.GetString(property.Name));

    /// <summary>Members that the generated XML file says something about (<c>P:Namespace.Type.Property</c>).</summary>
    public IReadOnlySet<string> DocumentedMembers() => XDocument.Load(Path.ChangeExtension(_path, ".xml")).Descendants("member")
        .Where(member => !string.IsNullOrWhiteSpace(member.Element("summary")?.Value))
        .Select(member => (string)member.Attribute("name")!).ToHashSet(StringComparer.Ordinal);
}
