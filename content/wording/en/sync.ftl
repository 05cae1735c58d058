# Sending status: what waits and why.
sync-title = Sending status
sync-well-title = Everything is sent
sync-well-text = Nothing waits on this device.
sync-well-rest = All the rest is sent.
sync-offline-title = No network for now
sync-offline-text = Carry on as usual: everything is kept here and will leave when the network is back.
sync-offline-web = You can report, and finish a capsule already open: this browser keeps everything and will send it when the network is back.
sync-waiting-title = Waiting to be sent
sync-waiting-texts = { $texts ->
    [one] One entry waits for the network.
   *[other] { $texts } entries wait for the network.
}
sync-waiting-photos = { $texts ->
    [0] { $photos ->
        [one] One photo waits
       *[other] { $photos } photos wait
    }
    [one] One entry and { $photos ->
        [one] one photo
       *[other] { $photos } photos
    } wait
   *[other] { $texts } entries and { $photos ->
        [one] one photo
       *[other] { $photos } photos
    } wait
} for the network. Text always leaves before photos.
sync-held-busy = The server asks to wait a little. Everything is kept here and will leave by itself.
sync-nothing-lost = Nothing is lost.
sync-comment-kept = Kept here. Your words will leave by themselves when the network is back.
sync-refused-title = { $count ->
    [one] The server refused one item
   *[other] The server refused { $count } items
}
sync-refused = Refused, kept here
sync-refused-not-active = Your account was no longer active when this reached the server. Show this screen to your QSE lead.
sync-refused-actor-not-yours = The server takes this for the work of another device. Show this screen to your QSE lead.
sync-refused-other = The server could not accept it. Show this screen to your QSE lead.
sync-refused-forget = I have read it, remove from the list
sync-shut = Device blocked
sync-shut-text = It no longer enters with your account. What the server already had is no longer here.
sync-shut-again = Ask your QSE lead for a new code: with it, what has not left yet leaves by itself.
sync-shut-code = I have a new code
sync-hand-over = Never sent
sync-hand-over-refused = This is on this device alone. Read it again, then hand it to your QSE lead yourself.
sync-hand-over-everything = This is on this device alone. Without a new code, read it again and hand it to your QSE lead yourself.
sync-hand-over-photos = { $count ->
    [one] One photo, kept here
   *[other] { $count } photos, kept here
}
sync-hand-over-copy = Copy the text
sync-hand-over-share = Share the text
sync-hand-over-save = Save the text
sync-hand-over-not-copied = It could not be copied. Select the text by hand.
sync-hand-over-none = Nothing written waits here.
sync-waiting = Waiting
sync-photo = Photo, { $size } kB
sync-now = Try now
sync-last-contact = Last contact with the server
sync-next-try = Next try in
sync-never = never
sync-documents = Documents on this device
sync-documents-web = Documents in your space
sync-clock-title = The time on this device is wrong
sync-clock-ahead = It is { $duration } ahead. Your reports stay in order, but set the time when you can.
sync-clock-behind = It is { $duration } behind. Your reports stay in order, but set the time when you can.
sync-plain-title = Data not encrypted
sync-plain-text = The data of Vigie is not encrypted on this device. Lock it with a code.
sync-key-file-title = Key kept in a file
sync-key-file-text = This device has no keystore: the key of the data lies in a file that only you can read. Lock your session.
sync-error-title = Last try
sync-browser-text = A browser helps when the network falters. To work long without a network, take the app.
sync-browser-others = { $count ->
    [one] One entry of someone else waits here too: it will leave when they sign in again.
   *[other] { $count } entries of others wait here too: they will leave when they sign in again.
}
sync-kind-report = Report
sync-kind-reporter = Author of a report
sync-kind-draft = Draft
sync-kind-action = Action
sync-kind-progress = Learning
sync-kind-memory = Reminders
sync-kind-module = Capsule being written
sync-kind-release = Published capsule
sync-kind-assignment = Capsule sent out
sync-kind-form = Form
sync-kind-person = Person
sync-kind-site = Site
sync-kind-other = Item
sync-kind-draft-start = Draft begun
sync-kind-draft-save = Answer in a draft
sync-kind-draft-attach = Photo of a draft
sync-kind-draft-announce = Photo of a draft
sync-kind-draft-detach = Photo removed
sync-kind-draft-discard = Draft thrown away
sync-kind-report-seal = Report
sync-kind-report-comment = Comment
sync-kind-photo-bring = Photo
sync-kind-learn-save = Capsule in progress
sync-kind-learn-finish = Capsule finished
sync-kind-learn-review = Reminder
