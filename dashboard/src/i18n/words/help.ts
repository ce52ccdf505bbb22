import type { Words } from '../words';

/**
 * What a field means, for those who fill it in: by the field's name, or by the input type and the
 * name where the name alone says too little.
 */
export const help = {
  receivedOn: [
    'Päivä, jona vastaanottaja sai asiakirjan. Määräajat lasketaan tästä.',
    'Dagen då mottagaren fick handlingen. Tidsfristerna räknas från den.',
    'The day on which the recipient got it. Periods are counted from here.',
  ],
  sentOn: [
    'Päivä, jona asiakirja lähti.',
    'Dagen då handlingen skickades.',
    'The day on which it was sent.',
  ],
  evidence: [
    'Asiakirja tai tiedosto, josta asian voi myöhemmin todeta.',
    'Dokument eller fil som visar saken i efterhand.',
    'A document or file by which this can be shown later.',
  ],
  cause: [
    'Jätä valitsematta, jos kyse on tavallisesta irtisanomisesta.',
    'Lämna tomt vid en vanlig uppsägning.',
    'Leave out for an ordinary notice.',
  ],
  cureDays: [
    'Vähintään 30 päivää vastaanotosta.',
    'Minst 30 dagar från mottagandet.',
    'At least 30 days from the receipt.',
  ],
  essential: [
    'Olennaisesta käyttökatkosta alkaa 60 päivän määräaika, jonka jälkeen jäsen voi erota.',
    'Vid ett väsentligt avbrott börjar 60 dagar löpa, varefter medlemmen får utträda.',
    'An essential outage starts 60 days, after which the member may leave.',
  ],
  issuer: [
    'Kotiorganisaation OpenID-palvelun osoite, täsmälleen kuten se ilmoittaa itsensä.',
    'Adressen till hemorganisationens OpenID-tjänst, exakt som den anger sig själv.',
    'The address of the home organisation’s OpenID provider, exactly as it names itself.',
  ],
  redirectUris: [
    'Täsmälliset osoitteet; testissä sallitaan http ja localhost, tuotannossa vain https. Ei ristikkomerkkiä (#).',
    'Exakta adresser; i test tillåts http och localhost, i produktion endast https. Inget nummertecken (#).',
    'Exact addresses; test allows http and localhost, production only https. No fragment (#).',
  ],
  clientId: [
    'Yksilöi sovelluksen; sama tunnus ei voi olla kahdella.',
    'Identifierar programmet; samma id kan inte finnas två gånger.',
    'Identifies the client; no two can have the same.',
  ],
  host: [
    'Esimerkiksi kunta.inschool.fi, ilman https-alkua.',
    'Till exempel kommun.inschool.fi, utan https.',
    'Such as municipality.inschool.fi, without https.',
  ],
  tenantId: [
    'Entra-hakemiston tunniste (GUID).',
    'Entra-katalogens id (GUID).',
    'The directory’s identifier (GUID).',
  ],
  tenant: [
    'Opinsys-ympäristön tunniste.',
    'Opinsys-miljöns identifierare.',
    'The identifier of the Opinsys environment.',
  ],
  metadataUrl: [
    'Metatiedot haetaan osoitteesta säännöllisesti.',
    'Metadata hämtas regelbundet från adressen.',
    'The metadata are fetched from here regularly.',
  ],
  metadata: [
    'Täytetään tiedostosta. Varmenteet ja osoitteet näytetään ennen kuin ne otetaan käyttöön.',
    'Fylls i från en fil. Certifikat och adresser visas innan de tas i bruk.',
    'Filled in from a file; certificates and addresses are shown before they are taken.',
  ],
  signingCertificates: [
    'Vähintään yksi X.509-varmenne PEM- tai base64-muodossa, yksi kenttää kohti.',
    'Minst ett X.509-certifikat i PEM- eller base64-format, ett per fält.',
    'At least one X.509 certificate as PEM or base64, one to a field.',
  ],
  entityId: [
    'SAML-tunniste; yksikäsitteinen koko verkostossa.',
    'SAML-identifierare; unik i hela nätverket.',
    'The SAML identifier; unique in the whole network.',
  ],
  datasource: [
    'Asiantuntijan asetus: muuta vain operaattorin pyynnöstä.',
    'Inställning för experter: ändra endast på operatörens begäran.',
    'For experts: change only when the operator asks.',
  ],
  attributes: [
    'Minkä nimisessä lähteen tiedossa kukin attribuutti on. Vain nämä luovutetaan palveluille.',
    'I vilket fält i källan varje attribut finns. Endast dessa lämnas till tjänster.',
    'Which field of the source holds each attribute. Only these can be released to services.',
  ],
  nonDisclosure: [
    'Attribuutti, joka kertoo turvakiellosta. Oletuksena sellainen kirjautuminen estetään.',
    'Attributet som anger spärrmarkering. Som standard nekas en sådan inloggning.',
    'The attribute that marks a person under non-disclosure. By default such a login is refused.',
  ],
  singleSignOn: [
    'Istunto kelpaa muihinkin palveluihin ilman uutta kirjautumista.',
    'Sessionen gäller för andra tjänster utan ny inloggning.',
    'One session serves other services without a new login.',
  ],
  allowTestLearnerId: [
    'Testioppijanumeroilla voi kirjautua tähän palveluun.',
    'Man kan logga in i tjänsten med testnummer.',
    'Test learner ids may log in to this service.',
  ],
  secret: [
    'Talletetaan sinetöitynä. Sitä ei näytetä uudelleen.',
    'Sparas förseglad. Den visas inte igen.',
    'Kept sealed; it is not shown again.',
  ],
  schools: [
    'Oppilaitosnumerot. Vain nämä näkyvät; ei yhdessä poissulkevan luettelon kanssa.',
    'Läroanstaltsnummer. Endast dessa visas; inte tillsammans med undantagslistan.',
    'School codes. Only these are shown; not together with the list of exceptions.',
  ],
  excludedSchools: [
    'Oppilaitosnumerot. Muut näkyvät; ei yhdessä sisällyttävän luettelon kanssa.',
    'Läroanstaltsnummer. Övriga visas; inte tillsammans med den andra listan.',
    'School codes. All others are shown; not together with the other list.',
  ],
  showSchools: [
    'Jos järjestäjällä on vain yksi oppilaitos, oppilaitoksia ei yleensä näytetä.',
    'Har anordnaren bara en läroanstalt visas de vanligen inte.',
    'Where a provider has a single school, schools are usually not shown.',
  ],
  title: [
    'Esimerkiksi järjestäjän nimi, joka näkyy suluissa oppilaitoksen jälkeen.',
    'Till exempel anordnarens namn, som visas inom parentes efter läroanstalten.',
    'Such as the provider’s name, shown in brackets after the school.',
  ],
  customDisplayName: [
    'Nimi luettelossa, esimerkiksi Lahti (perusaste).',
    'Namnet i listan, till exempel Lahtis (grundläggande).',
    'The name in the list, such as Lahti (basic education).',
  ],
  institutionTypes: [
    'Koodiston numerot, esimerkiksi 11 peruskoulut tai 15 lukiot. Pakollinen, kun oppilaitokset näytetään.',
    'Kodsystemets nummer, till exempel 11 grundskolor eller 15 gymnasier. Krävs när läroanstalterna visas.',
    'Numbers of the code set, such as 11 for basic schools or 15 for upper secondary. Needed where schools are shown.',
  ],
  logo: [
    'Enintään 125 × 36 pistettä valintanäkymässä.',
    'Högst 125 × 36 punkter i valvyn.',
    'At most 125 by 36 points on the choice page.',
  ],
  purpose: [
    'Mihin tietoja käytetään. Tarpeettomia tietoja ei luovuteta.',
    'Vad uppgifterna används till. Onödiga uppgifter lämnas inte ut.',
    'What the data are used for. What is not needed is not released.',
  ],
  electronicSignature: [
    'Muuten sopimus allekirjoitetaan paperilla.',
    'Annars undertecknas avtalet på papper.',
    'Otherwise the contract is signed on paper.',
  ],
  signatories: [
    'Jokainen, jonka on allekirjoitettava organisaation puolesta.',
    'Alla som ska underteckna för organisationens del.',
    'Everyone who must sign for the organisation.',
  ],
  mode: [
    'Kaikki-valinnalla myös uudet palvelut sallitaan. Luettelossa sallitaan vain valitut; tyhjä luettelo ei salli mitään.',
    'Med alla tillåts även nya tjänster. I en lista tillåts endast de valda; en tom lista tillåter inget.',
    'With all, new services are permitted too. A list permits what it names; an empty list permits nothing.',
  ],
  ground: [
    'Peruste, jolla operaattori voi tämän tehdä.',
    'Grunden på vilken operatören får göra detta.',
    'The ground on which the operator may do this.',
  ],
  legalBasis: [
    'Säännös, jonka nojalla tiedot luovutetaan.',
    'Bestämmelsen som utlämnandet grundar sig på.',
    'The provision under which data are handed over.',
  ],
  transitionLastDay: [
    'Viimeinen päivä, jona edellistä versiota voi vielä käyttää.',
    'Den sista dagen då den tidigare versionen får användas.',
    'The last day on which the former version may still be used.',
  ],
  entersOn: [
    'Tavallinen muutos tulee voimaan aikaisintaan kolme kuukautta julkaisemisen jälkeen.',
    'En vanlig ändring träder i kraft tidigast tre månader efter publiceringen.',
    'An ordinary amendment enters into force at the earliest three months after it was announced.',
  ],
  urgent: [
    'Jätä valitsematta, jos muutos ei ole kiireellinen.',
    'Lämna tomt om ändringen inte är brådskande.',
    'Leave out where the amendment is not urgent.',
  ],
  lateBecause: [
    'Täytetään, jos ilmoitus lähtee säädettyä myöhemmin.',
    'Fylls i om meddelandet skickas för sent.',
    'Where the notice leaves later than it should.',
  ],
  organisation: [
    'Organisaation OID organisaatiopalvelussa.',
    'Organisationens OID i organisationstjänsten.',
    'The organisation’s OID in the organisation service.',
  ],
  subject: [
    'Kirjautumispalvelun antama tunniste.',
    'Identifieraren som inloggningstjänsten ger.',
    'The identifier that the sign-in issuer gives.',
  ],
  pkceRequired: ['Suositus: päällä.', 'Rekommendation: på.', 'Recommended: on.'],
  businessId: ['Muodossa 1234567-8.', 'I formen 1234567-8.', 'As 1234567-8.'],
} satisfies Words;
