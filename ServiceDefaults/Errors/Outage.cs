using System.Data.Common;
using FaceCloud.Contracts;

namespace FaceCloud.ServiceDefaults.Errors;

/// <summary>Failures that are nobody's fault and pass.</summary>
public static class Outage
{
    /// <summary>Whether a database or a service behind this one did not answer.</summary>
    public static bool IsBackingServiceDown(Exception? exception) => exception switch
    {
        null => false,
        DbException { IsTransient: true } or HttpRequestException => true,
        _ => IsBackingServiceDown(exception.InnerException),
    };

    /// <summary>Whether the same work may well succeed later: a service is down or busy, a disk is full.</summary>
    public static bool MayPass(Exception exception) =>
        exception is FailureException { Failure: Failure.Busy or Failure.Unavailable } or IOException or TimeoutException || IsBackingServiceDown(exception);
}
