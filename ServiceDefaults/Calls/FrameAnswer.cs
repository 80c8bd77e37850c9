using FaceCloud.Contracts.Frames;
using Microsoft.AspNetCore.Http;

namespace FaceCloud.ServiceDefaults.Calls;

/// <summary>A frame as the answer to another service.</summary>
public sealed class FrameAnswer<T>(Frame<T> frame) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var head = frame.Head();
        var response = httpContext.Response;
        response.ContentType = Frame.ContentType;
        response.ContentLength = head.Length + frame.Payload.Length;
        await response.Body.WriteAsync(head, httpContext.RequestAborted);
        await response.Body.WriteAsync(frame.Payload, httpContext.RequestAborted);
    }
}

public static class FrameAnswer
{
    public static FrameAnswer<T> Of<T>(Frame<T> frame) => new(frame);

    /// <summary>A frame without payload.</summary>
    public static FrameAnswer<T> Of<T>(T metadata) => new(new Frame<T>(metadata));
}
