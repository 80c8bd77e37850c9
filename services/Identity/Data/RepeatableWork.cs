using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace FaceCloud.Identity.Data;

/// <summary>
/// Commits that nobody waits for. If the database server itself is killed, the last of them are as if they had not happened, whole and newest first, and
/// the work is done again. They save a photo's way half of the times that it would wait for the disk; what is acknowledged to a client is never one of them.
/// https://www.postgresql.org/docs/18/wal-async-commit.html
/// </summary>
internal static class RepeatableWork
{
    /// <summary>A transaction of work that may be done again.</summary>
    public static async Task<IDbContextTransaction> BeginRepeatableAsync(this DatabaseFacade database, CancellationToken cancellationToken)
    {
        var transaction = await database.BeginTransactionAsync(cancellationToken);
        await database.ExecuteSqlAsync($"SET LOCAL synchronous_commit TO off", cancellationToken);
        return transaction;
    }
}
