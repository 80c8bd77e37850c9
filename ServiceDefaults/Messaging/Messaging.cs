using System.Runtime.ExceptionServices;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults.Errors;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.ServiceDefaults.Messaging;

/// <summary>
/// Events between the steps of a service and between services: in memory, or through RabbitMQ where <c>ConnectionStrings:messaging</c> names one.
/// The bus is for speed, not for safekeeping: whoever publishes keeps a row until it is done, so a message that is lost is sent again.
/// </summary>
public static class Messaging
{
    // Retries of a message that failed for no known reason; after the last one its consumer gives up, see IsLastAttempt.
    private const int Retries = 3;

    // Retries while a service is away: 0.2 s to 30 s apart, two minutes and a half in all. The place in the queue is kept meanwhile, since whatever is
    // behind it would meet the same.
    private const int OutageRetries = 10;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConsumerStopTimeout = TimeSpan.FromSeconds(2);

    /// <param name="builder">Of the host. To be called after the modules, so that the bus starts when they have.</param>
    /// <param name="addConsumers">The modules' consumers.</param>
    public static void AddMessaging(this IHostApplicationBuilder builder, Action<IBusRegistrationConfigurator> addConsumers)
    {
        var broker = builder.Configuration.GetConnectionString(ServiceNames.Messaging);
        var inMemory = string.IsNullOrEmpty(broker);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetKebabCaseEndpointNameFormatter();

            // A broker that is away stops no request: what is to be published waits in the database.
            bus.ConfigureHealthCheckOptions(check => (check.Name, check.MinimalFailureStatus) = (ServiceNames.Messaging, HealthStatus.Degraded));
            bus.AddConfigureEndpointsCallback((_, _, endpoint) => Configure(endpoint));
            addConsumers(bus);
            if (inMemory)
            {
                bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
            }
            else
            {
                bus.UsingRabbitMq((context, rabbit) =>
                {
                    rabbit.Host(new Uri(broker!), host => host.PublisherConfirmation = true);
                    rabbit.SendTopology.ErrorQueueNameFormatter = new OneDeadLetterQueue();
                    rabbit.SendTopology.ConfigureErrorSettings = queue => queue.SetQueueArgument("x-delivery-limit", DeadLetters.Looks);
                    rabbit.ConfigureEndpoints(context);
                });
            }
        });

        // A bus in memory loses what is published before its queues are there. A broker may be away, which must not keep this process from
        // answering; whoever publishes waits for the bus.
        builder.Services.Configure<MassTransitHostOptions>(host =>
            (host.WaitUntilStarted, host.StopTimeout, host.ConsumerStopTimeout) = (inMemory, StopTimeout, ConsumerStopTimeout));
    }

    /// <summary>Whether a message that fails now for no known reason is not tried again. One that meets an <see cref="Outage"/> is.</summary>
    public static bool IsLastAttempt(this ConsumeContext context) => context.GetRetryAttempt() >= Retries;

    /// <summary>Whether somebody sent this message again after it had failed, see <see cref="DeadLetters"/>.</summary>
    public static bool IsReplay(this ConsumeContext context) => context.ReceiveContext.TransportHeaders.TryGetHeader(DeadLetters.ReplayHeader, out _);

    private static void Configure(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(Outage.MayPass);
            retry.Exponential(OutageRetries, TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(0.2));
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(e => !Outage.MayPass(e));
            retry.Exponential(Retries, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.2));
        });
        endpoint.DiscardSkippedMessages();
        endpoint.PublishFaults = false;

        // The work takes the processor for as long as it lasts: to fetch more than the next few would only keep them from other processes. A consumer
        // whose work is elsewhere says otherwise.
        endpoint.PrefetchCount = 2 * Environment.ProcessorCount;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator queue)
        {
            queue.SetQuorumQueue();
            endpoint.ConfigureError(error =>
            {
                error.UseFilter(new WhatMayPassGoesBack());
                error.UseFilter(new ErrorTransportFilter());
            });
        }
        else
        {
            // In memory nobody could read them; the database says what became of the work.
            endpoint.DiscardFaultedMessages();
        }
    }

    /// <summary>Whatever queue a message comes from: so that who looks for dead letters needs to know of no other.</summary>
    private sealed class OneDeadLetterQueue : IErrorQueueNameFormatter
    {
        public string FormatErrorQueueName(string queueName) => DeadLetters.Queue;
    }

    /// <summary>A message that met an outage to the last, or a process that was being stopped, is not dead: it goes back into its queue.</summary>
    private sealed class WhatMayPassGoesBack : IFilter<ExceptionReceiveContext>
    {
        public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
        {
            if (context.Exception is OperationCanceledException or ObjectDisposedException || Outage.MayPass(context.Exception))
            {
                ExceptionDispatchInfo.Throw(context.Exception);
            }

            return next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("may-pass");
    }
}
