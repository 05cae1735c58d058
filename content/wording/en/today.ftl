# Today: what is asked, begun, become.
today-hello = Hello { $name }
today-evening = Good evening { $name }
today-night = Have a good night shift, { $name }
today-for-you = For you today
today-capsule = Capsule
today-capsule-open = Capsule in progress
today-before = before { $day }
today-reviews-kind = Reminder
today-reviews = { $count ->
    [one] One question to review
   *[other] { $count } questions to review
}
today-later = { $count ->
    [one] One more capsule can wait for another day: five minutes are enough.
   *[other] { $count } more capsules can wait for another day: five minutes are enough.
}
today-calm = Nothing is waiting for you
today-calm-text = Required capsules and your drafts will show up here. If you see something odd, the amber button is there.
today-calm-next = Next reminder on { $day }. If you see something odd, the amber button is there.
today-calm-learn = Choose a capsule
today-drafts = To finish
today-practice = Practice
today-actions = Your actions
today-late = Late
today-reports = Your reports
today-see-all = See all
today-triage = { $count ->
    [0] No open report
    [one] Open report
   *[other] Open reports
}
today-triage-none = Those of your sites will arrive here.
today-worsened = { $count } worse since
today-web-waiting = { $count ->
    [one] One entry waits for the network in this browser.
   *[other] { $count } entries wait for the network in this browser.
}
today-web-preparing = This browser is getting ready to work without network. Keep the network a moment.
today-web-ready = Ready: you can report here without network.
today-web = Working long without a network? Take the app instead: it keeps everything on the device.
