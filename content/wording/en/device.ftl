# Someone’s devices: when they were seen, blocked, lost.
device-this = This one
device-here = You are holding it
device-seen = Seen { $ago }
device-never = Never connected
device-lost = Lost
device-lost-waiting = Will be erased as soon as it finds the network
device-lost-told = Told to erase itself { $ago }
device-held = See what it held
device-end-why = What happened to it?
device-end-parted = Lent, returned, replaced
device-end-parted-mine = It no longer enters with your account. What was not sent stays readable on it.
device-end-parted-theirs = It no longer enters with this account. What was not sent stays readable on it.
device-end-lost = Lost or stolen
device-end-lost-short = Everything on it will be erased as soon as it finds the network, even what was never sent.
device-end-lost-mine = Your other browsers will be signed out; your password and invitations will be of no use.
device-end-lost-theirs = Their browsers will be signed out; their password and invitations will be of no use: have a new invitation ready for them.
device-end-do-parted = Block the device
device-end-do-lost = Erase everything
device-ended = { $name } no longer enters.
device-held-title = What { $name } held
device-held-none = The server had put nothing on it.
device-held-known = By what the server had sent it. What was written on it and never sent is known to nobody.
device-held-waiting-app = It will be erased as soon as it finds the network. If it never comes back, everything stays on it, encrypted.
device-held-waiting-web = It will be erased at its next contact, within twelve hours. Later, only what was never sent stays on it.
device-held-told = It was told to erase everything { $ago }.
device-held-perhaps = an older copy, perhaps
device-held-hidden = { $count ->
    [one] One document that is not for you to read
   *[other] { $count } documents that are not for you to read
}
device-kind-report = Reports
device-kind-reporter = Authors of reports
device-kind-draft = Drafts
device-kind-action = Actions
device-kind-progress = Training taken
device-kind-memory = Reviews
device-kind-module = Capsules being written
device-kind-release = Capsules
device-kind-assignment = Capsules sent out
device-kind-form = Forms
device-kind-person = People
device-kind-site = Sites
device-kind-other = Others
