using System.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Data;

/// <summary>
/// Work that several processes have and one at a time does. The lock is PostgreSQL's and belongs to the connection: it goes with a process that ends.
/// </summary>
internal static class OneProcess
{
    /// <summary>Does the work, unless another process is at it.</summary>
    /// <param name="db">Its connection stays open meanwhile.</param>
    /// <param name="work">The name of the work.</param>
    /// <param name="part">A number within it, such as a gallery's.</param>
    /// <param name="run">The work.</param>
    /// <param name="cancellationToken">Before it begins.</param>
    public static Task TryAloneAsync(this IdentityDb db, string work, long part, Func<Task> run, CancellationToken cancellationToken) => RunAsync(
        db,
        async () => (await db.Database.SqlQuery<bool>($"""SELECT pg_try_advisory_lock(hashtextextended({work}, {part})) AS "Value" """)
            .ToListAsync(cancellationToken))[0],
        work,
        part,
        run,
        cancellationToken);

    /// <summary>Does the work, once no other process is at it. The parameters are those of <see cref="TryAloneAsync"/>.</summary>
    public static Task AloneAsync(this IdentityDb db, string work, long part, Func<Task> run, CancellationToken cancellationToken) => RunAsync(
        db,
        async () =>
        {
            // The other's work takes as long as it takes.
            var timeout = db.Database.GetCommandTimeout();
            db.Database.SetCommandTimeout(0);
            try
            {
                await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock(hashtextextended({work}, {part}))", cancellationToken);
            }
            finally
            {
                db.Database.SetCommandTimeout(timeout);
            }

            return true;
        },
        work,
        part,
        run,
        cancellationToken);

    private static async Task RunAsync(IdentityDb db, Func<Task<bool>> lockAsync, string work, long part, Func<Task> run, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            if (!await lockAsync())
            {
                return;
            }

            try
            {
                await run();
            }
            finally
            {
                // Not left to the pool, which resets a connection only when it is used again.
                if (db.Database.GetDbConnection().State == ConnectionState.Open)
                {
                    await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock(hashtextextended({work}, {part}))", CancellationToken.None);
                }
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }
}
