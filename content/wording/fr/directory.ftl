# Le réseau : personnes et sites.
directory-title = Réseau
directory-people = Personnes
directory-sites = Sites
directory-search = Chercher un nom, un métier, un site
directory-not-found = Personne ni rien pour « { $query } »
directory-not-found-text = Essaie avec les premières lettres d’un nom, d’une équipe ou d’un site.
directory-people-none = Ton réseau est encore vide
directory-people-none-text = Les collègues de tes sites apparaîtront ici dès qu’ils seront ajoutés.
directory-sites-none = Aucun site pour l’instant
directory-sites-none-text = Un site, c’est un lieu de travail avec ses ateliers et ses équipes. Ton référent QSE les ajoute ici.
directory-choose = Qui cherches‑tu ?
directory-choose-text = Choisis quelqu’un dans la liste pour voir son équipe et son rôle.
directory-inactive = Parti
directory-site = Site
directory-no-site = Aucun site
directory-team = Équipe
directory-teams = Équipes
directory-teams-hint = Une par ligne
directory-trade = Métier
directory-trade-hint = Par exemple : cariste, régleur, maintenance
directory-language = Langue
directory-login = Identifiant
directory-login-hint = Pour se connecter dans un navigateur
directory-name = Nom
directory-roles = Rôles
directory-role-operator = Signale et se forme
directory-role-manager = Trie les signalements de son site, suit ses actions
directory-role-relay = Anime la prévention sur son site
directory-role-lead = Publie les capsules, pilote tous les sites
directory-role-admin = Gère les personnes, les sites et les appareils
directory-role-guest = Intérimaire, visiteur, sous-traitant
directory-active = Fait partie de l’organisation
directory-active-hint = Décoche à son départ : ses appareils se ferment, ses signalements restent.
directory-add-person = Ajouter une personne
directory-edit-person = Modifier la personne
directory-add-site = Ajouter un site
directory-edit-site = Modifier le site
directory-site-name = Nom du site
directory-city = Ville
directory-places = Lieux
directory-places-hint = Ce que l’on touche pour dire « c’est là » : presse 3, quai de livraison…
directory-place = Lieu
directory-area = Zone
directory-place-add = Ajouter un lieu
directory-place-remove = Retirer { $name }
directory-places-none = Aucun lieu encore
directory-places-none-text = Avec des lieux, on signale d’un geste : « presse 3 » au lieu d’une phrase.
directory-site-nobody = Personne n’est rattaché à ce site pour l’instant.
directory-people-count = { $count ->
    [0] aucune personne
    [one] { $count } personne
   *[other] { $count } personnes
}
directory-places-count = { $count ->
    [0] aucun lieu
    [one] { $count } lieu
   *[other] { $count } lieux
}
directory-invite = Inviter
directory-invite-title = Inviter { $name }
directory-invite-qr = QR code de l’invitation
directory-invite-expiry = Valable jusqu’au { $date }, une seule fois
directory-invite-how = { $name } scanne ce QR code, ou tape le code dans Vigie.
directory-invite-copy = Copier l’invitation
directory-invite-message = Ton invitation Vigie : { $url } (code { $code })
directory-devices = Appareils
directory-devices-none = Aucun pour l’instant. Une invitation en ajoute un.
