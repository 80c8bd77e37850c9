using System.Security.Cryptography;

namespace FaceCloud.Standalone;

/// <summary>A secret that is made at the first start and kept in the data folder. Who can read it is the operator.</summary>
internal sealed class SecretFile
{
    /// <summary>What tokens are signed with.</summary>
    public static readonly SecretFile SigningKey = new("Auth:SigningKey", "token.key");

    /// <summary>What links to pictures are signed with.</summary>
    public static readonly SecretFile UrlKey = new("Files:UrlKey", "url.key");

    private const int Bytes = 32;

    private readonly string _name;

    private SecretFile(string setting, string name) => (Setting, _name) = (setting, name);

    /// <summary>That names it in the configuration.</summary>
    public string Setting { get; }

    /// <summary>Sets it, unless the configuration names one.</summary>
    public void Apply(IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(configuration[Setting]))
        {
            configuration[Setting] = ReadIfThere(configuration) ?? Create(configuration);
        }
    }

    /// <summary>That of the server that works in the data folder; null if none ever did.</summary>
    public string? ReadIfThere(IConfiguration configuration)
    {
        try
        {
            return File.ReadAllText(PathOf(configuration));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string Create(IConfiguration configuration)
    {
        var (key, path) = (Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)), PathOf(configuration));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(DataFolder.Of(configuration));
        }
        else
        {
            Directory.CreateDirectory(DataFolder.Of(configuration), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Whole or not at all: it is written beside and then moved, and of two that start at once the first one's stays.
        var unfinished = $"{path}.{Environment.ProcessId}";
        using (var file = new StreamWriter(unfinished, options))
        {
            file.Write(key);
        }

        try
        {
            File.Move(unfinished, path, overwrite: false);
            return key;
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(unfinished);
            return File.ReadAllText(path);
        }
    }

    private string PathOf(IConfiguration configuration) => Path.Combine(DataFolder.Of(configuration), _name);
}
