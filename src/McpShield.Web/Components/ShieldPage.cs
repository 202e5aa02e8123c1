using System.Net;
using McpShield.Contracts.Client;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace McpShield.Web.Components;

/// <summary>A page that asks the API. What it may not see or what is not there ends in the site's own pages for that; what a form got wrong stays beside the form.</summary>
public abstract class ShieldPage : ComponentBase
{
    private bool isLoaded;

    [Inject]
    protected ShieldClient Api { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    protected TimeProvider Clock { get; set; } = null!;

    [CascadingParameter]
    protected HttpContext? Context { get; set; }

    /// <summary>Ends when the visitor goes.</summary>
    protected CancellationToken Ct => Context?.RequestAborted ?? CancellationToken.None;

    /// <summary>What the API said of the form that was sent.</summary>
    private protected FormErrors Errors { get; set; } = FormErrors.None;

    /// <summary>Reads what the page shows, before it is shown: nothing is rendered without its data.</summary>
    private protected virtual Task LoadAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        if (!isLoaded)
        {
            isLoaded = true;
            await LoadAsync();
        }

        await base.SetParametersAsync(ParameterView.Empty);
    }

    /// <summary>Does what a form asks; <c>false</c>: it was refused, and <see cref="Errors"/> says why.</summary>
    private protected async Task<bool> TryAsync(Func<Task> change)
    {
        try
        {
            await change();
            return true;
        }
        catch (ShieldProblem problem) when (problem.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.NotFound))
        {
            Errors = FormErrors.Of(problem);
            return false;
        }
    }

    /// <summary>What somebody may not see, or that is not there, is <c>null</c>; for parts of a page that others may see.</summary>
    private protected static async Task<T?> MaybeAsync<T>(Func<Task<T>> read) where T : class
    {
        try
        {
            return await read();
        }
        catch (ShieldProblem problem) when (problem.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
