# Settings: the person and this device.
settings-title = Settings
settings-health = Sending status
settings-health-note = What waits, what has left
settings-looks = On this device
settings-looks-note = These choices stay on this device.
settings-language = Language
settings-theme = Theme
settings-theme-system = Device
settings-theme-light = Light
settings-theme-dark = Dark
settings-text = Text size
settings-text-normal = Normal
settings-text-large = Large
settings-text-larger = Very large
settings-devices = Your devices
settings-password = Password
settings-password-note = To enter from any browser, without a code.
settings-password-change = Choose a password
settings-password-current = Current password
settings-password-current-hint = Leave empty if you have none yet
settings-password-wrong = This is not your current password.
settings-password-new = New password
settings-password-new-hint = At least 12 characters: a little sentence is easier to remember
settings-password-save = Save the password
settings-password-done = Password saved
settings-sign-out = Sign out
settings-sign-out-title = Sign out?
settings-sign-out-text = Everything is sent. You will need a code or your password to come back.
settings-sign-out-unsent = { $count ->
    [one] One item is not sent yet
   *[other] { $count } items are not sent yet
}
settings-sign-out-kept = They stay on this device and will leave when you sign in here again.
settings-sign-out-kept-browser = They stay in this browser and will leave when you sign in here again.
settings-sign-out-send = Send first
settings-sign-out-anyway = Sign out anyway
settings-server = Server: { $server }
