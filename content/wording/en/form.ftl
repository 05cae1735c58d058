# Choosing what to report, and saying answers in words.
form-title = What do you want to report?
form-list = Forms
form-capsule = { $time } to do it well
form-none-title = No form yet
form-none = Your site’s forms will arrive here with the network. Meanwhile, tell someone out loud.
form-offline-title = The network is still needed
form-offline = The forms are not here yet: they need the network a first time, then they stay. If there is danger, tell someone in person, now.
form-practice = Practise
form-practice-hint = The same screens, to try. Nothing is sent.
form-yes = Yes
form-no = No
form-moment = { $day } at { $time }
form-photos =
    { $count ->
        [one] { $count } photo
       *[other] { $count } photos
    }
