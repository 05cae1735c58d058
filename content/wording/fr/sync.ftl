# État des envois : ce qui attend et pourquoi.
sync-title = État des envois
sync-well-title = Tout est envoyé
sync-well-text = Rien n’attend sur cet appareil.
sync-well-rest = Tout le reste est envoyé.
sync-offline-title = Pas de réseau pour l’instant
sync-offline-text = Continue normalement : tout se garde ici et partira dès que le réseau revient.
sync-offline-web = Tu peux signaler et finir une capsule déjà ouverte : ce navigateur garde tout et l’enverra dès que le réseau revient.
sync-waiting-title = Envoi en attente
sync-waiting-texts = { $texts ->
    [one] Une saisie attend le réseau.
   *[other] { $texts } saisies attendent le réseau.
}
sync-waiting-photos = { $texts ->
    [0] { $photos ->
        [one] Une photo attend
       *[other] { $photos } photos attendent
    }
    [one] Une saisie et { $photos ->
        [one] une photo
       *[other] { $photos } photos
    } attendent
   *[other] { $texts } saisies et { $photos ->
        [one] une photo
       *[other] { $photos } photos
    } attendent
} le réseau. Le texte part toujours avant les photos.
sync-held-busy = Le serveur demande d’attendre un peu. Tout se garde ici et partira tout seul.
sync-nothing-lost = Rien n’est perdu.
sync-comment-kept = Gardé ici. Ton mot partira tout seul dès que le réseau revient.
sync-refused-title = { $count ->
    [one] Le serveur a refusé un élément
   *[other] Le serveur a refusé { $count } éléments
}
sync-refused = Refusés, gardés ici
sync-refused-not-active = Ton compte n’était plus actif quand c’est arrivé au serveur. Montre cet écran à ton référent QSE.
sync-refused-actor-not-yours = Le serveur tient cela pour le travail d’un autre appareil. Montre cet écran à ton référent QSE.
sync-refused-other = Le serveur n’a pas pu l’accepter. Montre cet écran à ton référent QSE.
sync-refused-forget = J’ai lu, retirer de la liste
sync-shut = Appareil bloqué
sync-shut-text = Il n’entre plus avec ton compte. Ce que le serveur avait déjà n’est plus ici.
sync-shut-again = Demande un nouveau code à ton référent QSE : avec lui, ce qui n’est pas parti partira tout seul.
sync-shut-code = J’ai un nouveau code
sync-hand-over = Jamais envoyé
sync-hand-over-refused = Ceci n’est que sur cet appareil. Relis‑le, puis remets‑le à la main à ton référent QSE.
sync-hand-over-everything = Ceci n’est que sur cet appareil. Sans nouveau code, relis‑le et remets‑le à la main à ton référent QSE.
sync-hand-over-photos = { $count ->
    [one] Une photo, gardée ici
   *[other] { $count } photos, gardées ici
}
sync-hand-over-copy = Copier le texte
sync-hand-over-share = Partager le texte
sync-hand-over-save = Enregistrer le texte
sync-hand-over-not-copied = La copie n’a pas marché. Sélectionne le texte à la main.
sync-hand-over-none = Rien d’écrit n’attend ici.
sync-waiting = En attente
sync-photo = Photo, { $size } ko
sync-now = Essayer maintenant
sync-last-contact = Dernier contact avec le serveur
sync-next-try = Prochain essai dans
sync-never = jamais
sync-documents = Documents sur cet appareil
sync-documents-web = Documents dans ton espace
sync-clock-title = L’heure de cet appareil est fausse
sync-clock-ahead = Elle avance de { $duration }. Tes signalements restent bien classés, mais règle l’heure dès que tu peux.
sync-clock-behind = Elle retarde de { $duration }. Tes signalements restent bien classés, mais règle l’heure dès que tu peux.
sync-plain-title = Données non chiffrées
sync-plain-text = Les données de Vigie ne sont pas chiffrées sur cet appareil. Verrouille‑le par un code.
sync-key-file-title = Clé gardée dans un fichier
sync-key-file-text = Cet appareil n’a pas de coffre à clés : la clé des données est dans un fichier lisible par toi seul. Verrouille ta session.
sync-error-title = Dernier essai
sync-browser-text = Un navigateur dépanne quand le réseau flanche. Pour travailler longtemps sans réseau, prends l’application.
sync-browser-others = { $count ->
    [one] Une saisie d’une autre personne attend aussi ici : elle partira quand elle se reconnectera.
   *[other] { $count } saisies d’autres personnes attendent aussi ici : elles partiront quand elles se reconnecteront.
}
sync-kind-report = Signalement
sync-kind-reporter = Auteur d’un signalement
sync-kind-draft = Brouillon
sync-kind-action = Action
sync-kind-progress = Formation
sync-kind-memory = Rappels
sync-kind-module = Capsule en écriture
sync-kind-release = Capsule publiée
sync-kind-assignment = Capsule diffusée
sync-kind-form = Formulaire
sync-kind-person = Personne
sync-kind-site = Site
sync-kind-other = Élément
sync-kind-draft-start = Brouillon commencé
sync-kind-draft-save = Réponse dans un brouillon
sync-kind-draft-attach = Photo d’un brouillon
sync-kind-draft-announce = Photo d’un brouillon
sync-kind-draft-detach = Photo retirée
sync-kind-draft-discard = Brouillon jeté
sync-kind-report-seal = Signalement
sync-kind-report-comment = Commentaire
sync-kind-photo-bring = Photo
sync-kind-learn-save = Capsule en cours
sync-kind-learn-finish = Capsule terminée
sync-kind-learn-review = Rappel
