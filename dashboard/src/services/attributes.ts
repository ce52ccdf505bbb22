/** The attributes of the national data model: the name on the wire, and the short one. */
export const attributeNames: Record<string, string> = {
  'urn:mpass.id:uid': 'uid',
  'urn:oid:1.3.6.1.4.1.16161.1.1.27': 'learnerId',
  'urn:mpass.id:originalIssuer': 'originalIssuer',
  'urn:oid:2.5.4.42': 'givenName',
  'urn:oid:2.5.4.4': 'surname',
  'urn:mpass.id:nickname': 'nickname',
  'urn:mpass.id:role': 'role',
  'urn:mpass.id:school': 'school',
  'urn:mpass.id:schoolCode': 'schoolCode',
  'urn:mpass.id:schoolInfo': 'schoolInfo',
  'urn:mpass.id:class': 'class',
  'urn:mpass.id:classLevel': 'classLevel',
  'urn:mpass.id:educationProviderId': 'educationProviderId',
  'urn:mpass.id:educationProvider': 'educationProvider',
  'urn:mpass.id:educationProviderInfo': 'educationProviderInfo',
  'urn:mpass.id:learningMaterialsCharge': 'learningMaterialsCharge',
  'urn:mpass.id:municipality': 'municipality',
  'urn:mpass.id:municipalityCode': 'municipalityCode',
};

export const attributeName = (wire: string) => attributeNames[wire] ?? wire;

/** What a home organisation's source may be asked for, by the data model's internal names. */
export const sourceAttributes = [
  'username',
  'firstName',
  'surname',
  'nickname',
  'learnerId',
  'schoolIds',
  'roles',
  'groups',
  'groupLevels',
  'learningMaterialsCharges',
  'nonDisclosure',
];

export interface ReleasedAttribute {
  attribute: string;
  purpose: string;
}
