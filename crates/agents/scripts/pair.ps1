# Installs the Doorward agent on this Windows machine and pairs it. In an elevated PowerShell:
#   irm @SERVER@/pair.ps1 | iex
# It asks for the installation key. Without a console: $env:DOORWARD_AGENT_KEY_FILE = 'FILE', or $env:DOORWARD_AGENT_KEY.
# Other settings: DOORWARD_AGENT_NAME, DOORWARD_AGENT_CA, DOORWARD_AGENT_WAIT, DOORWARD_AGENT_ON_FIRST_BOOT=yes (for an image).
& {
  $ErrorActionPreference = 'Stop'
  # The bar that shows the progress of a download takes longer than the download.
  $ProgressPreference = 'SilentlyContinue'
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
  $server = '@SERVER@'
  # What programs of this server are signed with (ECDSA, P-256). Compare it with the page "Pair an agent".
  $signer = '@KEY@'

  $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
  if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { throw 'Run it in an elevated PowerShell: the agent is installed for the whole machine.' }
  # A 32-bit PowerShell (Intune's, unless told otherwise) knows the machine's own by these.
  $machine = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 } else { $env:PROCESSOR_ARCHITECTURE }
  $arch = if ($machine -eq 'ARM64') { 'aarch64' } else { 'x86_64' }
  $programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
  $folder = Join-Path $programs 'Doorward Agent'
  $program = Join-Path $folder 'doorward-agent.exe'
  $state = Join-Path $env:ProgramData 'doorward-agent'
  $address = "$server/agents/windows-$arch/doorward-agent.exe"
  $fetched = Join-Path $env:TEMP ("doorward-agent-" + [guid]::NewGuid() + ".exe")
  try {
    try { Invoke-WebRequest -UseBasicParsing -Uri $address -OutFile $fetched } catch { throw "The server has no agent for windows-${arch}: $address" }
    Invoke-WebRequest -UseBasicParsing -Uri "$address.p1363" -OutFile "$fetched.p1363"
    # The last 64 bytes of the key are the point; before it CNG wants "ECS1" and its length (BCRYPT_ECCKEY_BLOB).
    $bytes = [Convert]::FromBase64String($signer)
    $blob = [byte[]](0x45, 0x43, 0x53, 0x31, 32, 0, 0, 0) + [byte[]]($bytes[($bytes.Length - 64)..($bytes.Length - 1)])
    $key = [Security.Cryptography.CngKey]::Import([byte[]]$blob, [Security.Cryptography.CngKeyBlobFormat]::EccPublicBlob)
    $checker = New-Object Security.Cryptography.ECDsaCng($key)
    $checker.HashAlgorithm = [Security.Cryptography.CngAlgorithm]::Sha256
    $isRight = $checker.VerifyData([IO.File]::ReadAllBytes($fetched), [IO.File]::ReadAllBytes("$fetched.p1363"))
    if (-not $isRight) { throw 'The signature of the agent is not right: it changed on the way, or this script is of another server.' }
    if (Get-Service doorward-agent -ErrorAction SilentlyContinue) { Stop-Service doorward-agent }
    New-Item -ItemType Directory -Force $folder | Out-Null
    Move-Item -Force $fetched $program
  } finally { Remove-Item -ErrorAction SilentlyContinue $fetched, "$fetched.p1363" }

  # The state folder is for the system and administrators alone.
  New-Item -ItemType Directory -Force $state | Out-Null
  icacls $state /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null

  $arguments = @('pair', '--server', $server, '--state', $state)
  if ($env:DOORWARD_AGENT_NAME) { $arguments += @('--name', $env:DOORWARD_AGENT_NAME) }
  if ($env:DOORWARD_AGENT_CA) { $arguments += @('--ca', $env:DOORWARD_AGENT_CA) }
  if ($env:DOORWARD_AGENT_WAIT) { $arguments += @('--wait', $env:DOORWARD_AGENT_WAIT) }
  if ($env:DOORWARD_AGENT_ON_FIRST_BOOT -eq 'yes') { $arguments += '--on-first-boot' }
  if ($env:DOORWARD_AGENT_KEY_FILE) { $arguments += @('--key-file', $env:DOORWARD_AGENT_KEY_FILE) }
  # A second run, to bring the program up to date, needs no key.
  $stands = if ($env:DOORWARD_AGENT_KEY_FILE -or $env:DOORWARD_AGENT_KEY) { '' } else { (& $program status --state $state) -join ' ' }
  if ($stands -match '^(active|waiting)') {
    "This machine is paired already: $stands"
  } else {
    & $program @arguments
    if ($LASTEXITCODE -ne 0) { throw "doorward-agent pair ended with $LASTEXITCODE." }
  }

  if (-not (Get-Service doorward-agent -ErrorAction SilentlyContinue)) {
    $run = '"{0}" run --state "{1}"' -f $program, $state
    New-Service -Name doorward-agent -DisplayName 'Doorward Agent' -StartupType Automatic -BinaryPathName $run | Out-Null
    sc.exe failure doorward-agent reset= 86400 actions= restart/60000 | Out-Null
  }
  if ($env:DOORWARD_AGENT_ON_FIRST_BOOT -ne 'yes') { Start-Service doorward-agent }
}
