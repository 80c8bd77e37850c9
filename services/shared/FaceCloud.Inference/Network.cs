namespace FaceCloud.Inference;

/// <summary>A loaded network: what it is, its session, and the queue of the work that runs it.</summary>
public sealed class Network(ModelDescription description, InferenceSession session, WorkQueue queue) : IDisposable
{
    private volatile bool _ready;

    /// <summary>Its entry in the registry.</summary>
    public ModelDescription Description { get; } = description;

    /// <summary>Runs it. Call it from work in <see cref="Queue"/>, which bounds how much runs at once.</summary>
    public InferenceSession Session { get; } = session;

    /// <summary>Bounds the work on this network.</summary>
    public WorkQueue Queue { get; } = queue;

    /// <summary>Whether <see cref="WarmUp"/> has run: a service is ready when its networks are.</summary>
    public bool Ready => _ready;

    /// <summary>Runs the network once on zeros, so that the first request does not pay for memory and code being set up.</summary>
    /// <param name="shape">The shape requests will mostly have. Only its sizes for dimensions the network leaves open count; its own stand.</param>
    /// <exception cref="ArgumentException">The shape has another number of dimensions than the network's input.</exception>
    /// <exception cref="OnnxRuntimeException">The network does not run.</exception>
    public void WarmUp(params ReadOnlySpan<long> shape)
    {
        var dimensions = Session.Input.Dimensions;
        if (shape.Length != dimensions.Count)
        {
            throw new ArgumentException($"{Description.Name} takes {Session.Input}, not {shape.Length} dimensions.", nameof(shape));
        }

        var resolved = new long[shape.Length];
        long elements = 1;
        for (var i = 0; i < resolved.Length; i++)
        {
            resolved[i] = dimensions[i] < 0 ? shape[i] : dimensions[i];
            elements *= resolved[i];
        }

        Session.Run(new float[elements], resolved).Dispose();
        _ready = true;
    }

    /// <summary>Releases the session and refuses waiting work.</summary>
    public void Dispose()
    {
        Queue.Dispose();
        Session.Dispose();
    }
}
