# The network: people and sites.
directory-title = Network
directory-people = People
directory-sites = Sites
directory-search = Search a name, a trade, a site
directory-not-found = Nobody and nothing for “{ $query }”
directory-not-found-text = Try the first letters of a name, a team or a site.
directory-people-none = Your network is still empty
directory-people-none-text = Colleagues of your sites will show up here as soon as they are added.
directory-sites-none = No site yet
directory-sites-none-text = A site is a workplace with its workshops and teams. Your QSE lead adds them here.
directory-choose = Who are you looking for?
directory-choose-text = Choose someone in the list to see their team and role.
directory-inactive = Left
directory-site = Site
directory-no-site = No site
directory-team = Team
directory-teams = Teams
directory-teams-hint = One per line
directory-trade = Trade
directory-trade-hint = For example: forklift driver, fitter, maintenance
directory-language = Language
directory-login = Login
directory-login-hint = To sign in in a browser
directory-name = Name
directory-roles = Roles
directory-role-operator = Reports and learns
directory-role-manager = Triages the reports of their site, follows its actions
directory-role-relay = Keeps prevention alive on their site
directory-role-lead = Publishes capsules, steers all sites
directory-role-admin = Looks after people, sites and devices
directory-role-guest = Temporary worker, visitor, contractor
directory-active = Belongs to the organisation
directory-active-hint = Untick when they leave: their devices close, their reports stay.
directory-add-person = Add a person
directory-edit-person = Edit the person
directory-add-site = Add a site
directory-edit-site = Edit the site
directory-site-name = Name of the site
directory-city = City
directory-places = Places
directory-places-hint = What one taps to say “it is there”: press 3, delivery bay…
directory-place = Place
directory-area = Area
directory-place-add = Add a place
directory-place-remove = Remove { $name }
directory-places-none = No place yet
directory-places-none-text = With places, reporting takes one tap: “press 3” instead of a sentence.
directory-site-nobody = Nobody belongs to this site yet.
directory-people-count = { $count ->
    [0] nobody
    [one] { $count } person
   *[other] { $count } people
}
directory-places-count = { $count ->
    [0] no place
    [one] { $count } place
   *[other] { $count } places
}
directory-invite = Invite
directory-invite-title = Invite { $name }
directory-invite-qr = QR code of the invitation
directory-invite-expiry = Good until { $date }, once only
directory-invite-how = { $name } scans this QR code, or types the code in Vigie.
directory-invite-copy = Copy the invitation
directory-invite-message = Your Vigie invitation: { $url } (code { $code })
directory-devices = Devices
directory-devices-none = None yet. An invitation adds one.
