using System.Runtime.CompilerServices;
using FaceCloud.Native;
using Microsoft.Extensions.Options;

namespace FaceCloud.Files;

/// <summary>
/// Files in a folder of this machine, or of a volume that several share. A file is written beside its place, synced, renamed and its name
/// synced, so that after a power failure it is there whole or not at all; a deletion is synced, too. Folders go with their last file.
/// </summary>
internal sealed class FolderFileStore : IFileStore
{
    private const string Unfinished = ".part";
    private const int CopyBuffer = 80 * 1024;

    // Somebody else may delete a folder that is empty, or a file that is open to nobody, for the moment; twice in a row is rare, so often never.
    private const int Attempts = 20;

    private readonly string _root;

    public FolderFileStore(IOptions<FileOptions> options) => _root = Path.GetFullPath(options.Value.Path);

    public int WriteMemory => CopyBuffer;

    public async Task WriteAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(FileKey.Require(key));
        var file = Create(path);
        try
        {
            await using (file)
            {
                await content.CopyToAsync(file, CopyBuffer, cancellationToken);
                file.Flush(flushToDisk: true);

                // Still open: nobody takes it for abandoned.
                File.Move(file.Name, path, overwrite: true);
            }
        }
        catch
        {
            File.Delete(file.Name);
            throw;
        }

        FolderSync.Flush(Path.GetDirectoryName(path)!);
        DeleteAbandoned(path);
    }

    public Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(FileKey.Require(key)), new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = System.IO.FileOptions.Asynchronous,
            }));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public string? Link(string key, string mediaType, TimeSpan life) => null;

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(FileKey.Require(key, mayBeFolder: true)).TrimEnd(Path.DirectorySeparatorChar);
        try
        {
            if (key.EndsWith('/'))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                foreach (var unfinished in UnfinishedOf(path))
                {
                    File.Delete(unfinished);
                }

                File.Delete(path);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already; its parents may still be there, of an attempt that was cut off.
        }

        DeleteEmptyFolders(Path.GetDirectoryName(path)!);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var folder = Path.GetFullPath(Path.Combine(_root, prefix[..(prefix.LastIndexOf('/') + 1)]));
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var key = Path.GetRelativePath(_root, file).Replace(Path.DirectorySeparatorChar, '/');
            if (key.StartsWith(prefix, StringComparison.Ordinal) && !key.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                yield return key;
            }
        }
    }

    private string PathOf(string key) => Path.Combine(_root, key.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>A file beside its place. Its name is its own: two writers of one key do not meet, and the last one wins.</summary>
    private FileStream Create(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (!Directory.Exists(folder))
                {
                    CreateFolder(folder);
                }

                var file = new FileStream($"{path}.{Guid.NewGuid():n}{Unfinished}", NewFile());
                if (File.Exists(file.Name))
                {
                    return file;
                }

                file.Dispose();
                throw new IOException($"'{file.Name}' was deleted while it was made.");
            }
            catch (IOException) when (attempt < Attempts)
            {
                // Somebody else deleted the folder as empty, or the file as abandoned: opened and locked are two steps.
            }
        }
    }

    private static IEnumerable<string> UnfinishedOf(string path) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*{Unfinished}");

    /// <summary>
    /// Deletes what writers of the same file left when they were killed. One that lives has its own open, which keeps others from opening it alone.
    /// </summary>
    private static void DeleteAbandoned(string path)
    {
        foreach (var unfinished in UnfinishedOf(path))
        {
            try
            {
                new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, System.IO.FileOptions.DeleteOnClose).Dispose();
            }
            catch (IOException)
            {
                // Its writer is at it, or has just finished.
            }
        }
    }

    // These are photos of people: for this user's eyes only.
    private void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // Which of the folders above are new too, nobody can tell who shares the volume: all their names are synced.
        for (var above = Path.GetDirectoryName(folder)!; above.Length >= _root.Length; above = Path.GetDirectoryName(above)!)
        {
            FolderSync.Flush(above);
        }
    }

    /// <summary>Deletes a folder if it is empty, then the one above, up to the root; and syncs the last that stays.</summary>
    private void DeleteEmptyFolders(string folder)
    {
        while (folder.Length >= _root.Length)
        {
            try
            {
                if (folder.Length == _root.Length || Directory.EnumerateFileSystemEntries(folder).Any())
                {
                    FolderSync.Flush(folder);
                    return;
                }

                Directory.Delete(folder);
            }
            catch (DirectoryNotFoundException)
            {
                // Not there, or somebody else was faster.
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                // Somebody has just put something into it.
                continue;
            }

            folder = Path.GetDirectoryName(folder)!;
        }
    }

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Delete,
            Options = System.IO.FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
