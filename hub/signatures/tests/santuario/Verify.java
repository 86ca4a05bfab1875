import java.io.FileInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.signature.XMLSignature;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Verifies the one XML signature of each document: arguments are documents and PEM certificates in turn. */
public class Verify {
    public static void main(String[] arguments) throws Exception {
        org.apache.xml.security.Init.init();
        for (int at = 0; at < arguments.length; at += 2) {
            String said;
            try {
                said = holds(arguments[at], arguments[at + 1]) ? "holds" : "wrong";
            } catch (Exception refusal) {
                said = "refused " + refusal.toString().replace('\n', ' ');
            }
            System.out.println(arguments[at] + "\t" + said);
        }
    }

    private static boolean holds(String xml, String pem) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Document document = factory.newDocumentBuilder().parse(xml);
        NodeList elements = document.getElementsByTagNameNS("*", "*");
        for (int at = 0; at < elements.getLength(); at++) {
            Element element = (Element) elements.item(at);
            if (element.hasAttributeNS(null, "Id")) {
                element.setIdAttributeNS(null, "Id", true);
            }
        }
        NodeList signatures = document.getElementsByTagNameNS("http://www.w3.org/2000/09/xmldsig#", "Signature");
        if (signatures.getLength() != 1) {
            throw new IllegalArgumentException(signatures.getLength() + " signatures");
        }
        X509Certificate certificate;
        try (FileInputStream input = new FileInputStream(pem)) {
            certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(input);
        }
        // The last argument asks for secure validation: no XSLT, few references, no weak algorithms, unique Ids.
        return new XMLSignature((Element) signatures.item(0), "", true).checkSignatureValue(certificate.getPublicKey());
    }
}
