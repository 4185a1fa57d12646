# Completes sessionkeep in PowerShell. To load it: sessionkeep completions powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName 'sessionkeep' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = @PROGRAM@
    if (-not ($program -and (Test-Path -LiteralPath $program))) { $program = 'sessionkeep' }
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    $index = $words.Count - 1
    # An empty argument would be dropped: an index behind the last word says that nothing is typed yet.
    if ($wordToComplete -eq '') { $index = $words.Count }
    & $program complete powershell $index '--' @words 2>$null | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
