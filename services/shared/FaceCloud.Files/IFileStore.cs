namespace FaceCloud.Files;

/// <summary>Files by keys such as <c>photos/1f/1f0c.../original.jpg</c>. Which of them should be there, the database knows.</summary>
public interface IFileStore
{
    /// <summary>Bytes of memory that one write takes at most, however long the file is.</summary>
    int WriteMemory { get; }

    /// <summary>Stores a file whole or not at all; durable when the task completes. One that is already there is replaced.</summary>
    Task WriteAsync(string key, Stream content, CancellationToken cancellationToken);

    /// <summary>A file to read, also from its middle (the stream can seek and knows its length); null if there is none.</summary>
    Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>An address that gives a file to whoever has it, for a while; null where the store serves no files itself.</summary>
    /// <param name="key">The file's, whether it is there or not.</param>
    /// <param name="mediaType">What it is served as.</param>
    /// <param name="life">How long it holds from now.</param>
    string? Link(string key, string mediaType, TimeSpan life);

    /// <summary>
    /// Deletes a file, or with a key that ends with <c>/</c> all files below it, unfinished ones too; durable. What is not there is no error.
    /// </summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>The keys that begin with a prefix, in any order; unfinished files are none.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);
}
